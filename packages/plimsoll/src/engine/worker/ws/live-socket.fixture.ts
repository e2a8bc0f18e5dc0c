/** Sockets on a carrier that does as it is told, and what their books say. */
import { onTestFinished } from 'vitest';
import type { SocketIoCodec } from '../../../protocol/socketio/socket-io-codec.ts';
import { httpBench, type HttpBench } from '../http/settings.fixture.ts';
import type { Carrier } from '../sockets/carrier.ts';
import { LiveIoSocket } from '../io/live-io-socket.ts';
import { LiveSocket } from './live-socket.ts';
import type { Attempt } from '../sockets/socket-base.ts';

class FakeCarrier implements Carrier {
  state: Carrier['state'] = 'open';
  readonly phase = 'upgrade';
  readonly bytesIn = 0;
  readonly bytesOut = 0;
  readonly bufferedBytes = 0;
  onClose: () => void = () => undefined;

  send(): boolean {
    return this.state === 'open';
  }

  close(): void {
    this.state = 'closed';
    this.onClose();
  }

  terminate(): void {
    this.close();
  }

  silence(): void {
    // Nothing is read anyway.
  }
}

interface Made {
  readonly bench: HttpBench;
  readonly attempt: Attempt;
  readonly carrier: FakeCarrier;
}

function make(name: string): Made {
  const bench = httpBench();
  onTestFinished(() => {
    bench.close();
  });
  const carrier = new FakeCarrier();
  const fixed = { head: undefined, protocol: '', connectMs: 1, error: undefined, scenario: 's' };
  bench.settings.recorder.sockets.use();
  return { bench, carrier, attempt: { ...fixed, connection: carrier, name } };
}

export function liveSocket(): { readonly bench: HttpBench; readonly socket: LiveSocket } {
  const { bench, attempt, carrier } = make('WS /');
  const socket = new LiveSocket(bench.settings, attempt);
  carrier.onClose = () => {
    socket.closed(1000, '', true, undefined);
  };
  return { bench, socket };
}

/** Its messages are the names of events without arguments. */
export function liveIoSocket(): { readonly bench: HttpBench; readonly socket: LiveIoSocket } {
  const { bench, attempt, carrier } = make('IO /');
  const codec = {
    read: (name: string) => ({ type: 'event', name, args: [], ackId: undefined }),
    disconnect: () => [],
  } as unknown as SocketIoCodec;
  const session = { codec, id: 'a', heartbeatMs: 60_000, refusal: undefined };
  const socket = new LiveIoSocket(bench.settings, attempt, session, undefined);
  carrier.onClose = () => {
    socket.closed(1000, '', true, undefined);
  };
  return { bench, socket };
}
