/** Sockets on a carrier that does as it is told, and what their books say. */
import { onTestFinished } from 'vitest';
import { systemClock, type Clock } from '../../../kernel/clock.ts';
import type { TransportError } from '../../../protocol/net/error-kind.ts';
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
  bufferedBytes = 0;
  onClose: (why?: TransportError) => void = () => undefined;

  send(): boolean {
    return this.state === 'open';
  }

  close(): void {
    this.state = 'closed';
    this.onClose();
  }

  terminate(_how: 'reset' | 'fin', why: TransportError): void {
    this.state = 'closed';
    this.onClose(why);
  }

  silence(): void {
    // Nothing is read anyway.
  }
}

interface Made {
  readonly attempt: Attempt;
  readonly carrier: FakeCarrier;
}

function closableBench(clock: Clock = systemClock): HttpBench {
  const bench = httpBench({ clock });
  onTestFinished(() => {
    bench.close();
  });
  return bench;
}

function make(name: string, bench: HttpBench): Made {
  const carrier = new FakeCarrier();
  const fixed = { head: undefined, protocol: '', connectMs: 1, error: undefined, scenario: 's' };
  bench.settings.recorder.sockets.use();
  return { carrier, attempt: { ...fixed, connection: carrier, name } };
}

/** @param bench of another one, to share its books */
export function liveSocket(
  name = 'WS /',
  bench = closableBench(),
): { readonly bench: HttpBench; readonly socket: LiveSocket; readonly carrier: FakeCarrier } {
  const { attempt, carrier } = make(name, bench);
  const socket = new LiveSocket(bench.settings, attempt);
  carrier.onClose = (why) => {
    socket.closed(why === undefined ? 1000 : 1006, '', why === undefined, why);
  };
  return { bench, socket, carrier };
}

/** Its messages are the names of events without arguments, but for 'rubbish'. */
export function liveIoSocket(clock?: Clock): { readonly bench: HttpBench; readonly socket: LiveIoSocket } {
  const bench = closableBench(clock);
  const { attempt, carrier } = make('IO /', bench);
  const codec = {
    read: (name: string) => {
      if (name === 'rubbish') throw new Error('nobody can read it');
      return { type: 'event', name, args: [], ackId: undefined };
    },
    disconnect: () => [],
  } as unknown as SocketIoCodec;
  const session = { codec, id: 'a', heartbeatMs: 60_000, refusal: undefined };
  const socket = new LiveIoSocket(bench.settings, attempt, session, undefined);
  carrier.onClose = (why) => {
    socket.closed(why === undefined ? 1000 : 1006, '', why === undefined, why);
  };
  return { bench, socket };
}
