/** A session of polling against a server that answers with exactly what a test wants. */
import { onTestFinished } from 'vitest';
import { answerOf, rawServer, type RawRequest, type RawServer } from '../../../../test/support/raw-server.ts';
import type { HttpPlan } from '../../../model/plan.ts';
import type { SocketOptions } from '../../../model/socket.ts';
import type { TransportError } from '../../../protocol/net/error-kind.ts';
import type { WebSocketUser } from '../../../protocol/websocket/web-socket.ts';
import { RequestBuilder } from '../http/request-builder.ts';
import { httpBench, type HttpBench } from '../http/settings.fixture.ts';
import { Scheduler } from '../scheduler.ts';
import { OpeningRequest, type SocketContext } from '../sockets/opening-request.ts';
import type { Way } from '../sockets/web-socket-way.ts';

export const handshake = (upgrades: readonly string[] = []): string =>
  answerOf(`0${JSON.stringify({ sid: 'a', upgrades, pingInterval: 25_000, pingTimeout: 20_000, maxPayload: 1e6 })}`);

/** A user who notes what he is told. */
export class Listener implements WebSocketUser {
  readonly messages: (string | Uint8Array)[] = [];
  isOpen = false;
  end: { readonly code: number; readonly wasClean: boolean; readonly error: TransportError | undefined } | undefined;

  opened(): void {
    this.isOpen = true;
  }

  refused({ error }: { readonly error: TransportError }): void {
    this.end = { code: 0, wasClean: false, error };
  }

  message(data: string | Uint8Array): void {
    this.messages.push(data);
  }

  pong(): void {
    // Nobody asks.
  }

  closed(code: number, _reason: string, wasClean: boolean, error: TransportError | undefined): void {
    this.end = { code, wasClean, error };
  }
}

export interface PollingSetting {
  readonly server: RawServer;
  readonly bench: HttpBench;
  /** Of the requests that are not the load. */
  readonly quiet: HttpBench;
  /** For one more session of the same VU. */
  readonly way: (options?: SocketOptions) => Way;
}

export async function pollingSetting(
  answer: (request: RawRequest) => void,
  http: Partial<HttpPlan> = {},
): Promise<PollingSetting> {
  const server = await rawServer(answer);
  const [bench, quiet] = [httpBench({ target: server.url, http }), httpBench()];
  const { settings, thread, vu } = bench;
  const scheduler = new Scheduler(settings.clock, false);
  onTestFinished(() => {
    bench.close();
    quiet.close();
    scheduler.close();
  });
  const quietSettings = { ...settings, recorder: quiet.settings.recorder };
  const context: SocketContext = {
    settings,
    quiet: quietSettings,
    quietBuilder: new RequestBuilder(quietSettings, 's'),
    thread,
    scheduler,
    vu,
    scenario: 's',
  };
  const owner = { expired: () => undefined, cut: () => undefined };
  const address = '/socket.io/';
  const way = (options: SocketOptions = {}): Way => {
    const request = new OpeningRequest(context, 'IO', address, { name: 'IO /', ...options }, owner);
    return { context, request, address, options };
  };
  return { server, bench, quiet, way };
}
