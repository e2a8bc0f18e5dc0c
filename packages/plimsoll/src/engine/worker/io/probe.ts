/** The WebSocket that is to take a session of Engine.IO over from polling, and the request that measures its way there. */
import type { Opened, Refusal, WebSocketTimings, WebSocketUser } from '../../../protocol/websocket/web-socket.ts';
import type { TransportError } from '../../../protocol/net/error-kind.ts';
import type { WebSocketConnection } from '../../../protocol/websocket/web-socket-connection.ts';
import type { Ending } from '../series-record.ts';
import { endingOf } from '../sockets/opening-request.ts';
import { TimedRequest } from '../sockets/timed-request.ts';
import { openWebSocket, type Way } from '../sockets/web-socket-way.ts';

const question = '2probe';
const answer = '3probe';
const upgrade = '5';

export interface ProbeOwner {
  /** The WebSocket stands and has answered; `take` is to be called when the polling rests. */
  answered(take: () => void): void;
  upgraded(webSocket: WebSocketConnection): void;
  failed(): void;
}

export class Probe implements WebSocketUser {
  readonly #way: Way;
  /** Whose messages they are, once it has taken over. */
  readonly #user: WebSocketUser;
  readonly #owner: ProbeOwner;
  readonly #request: TimedRequest;
  readonly #webSocket: WebSocketConnection;
  #isUpgraded = false;
  #isOver = false;

  constructor(way: Way, sid: string, user: WebSocketUser, owner: ProbeOwner) {
    const { settings, scenario } = way.context;
    this.#way = way;
    this.#user = user;
    this.#owner = owner;
    const series = settings.recorder.series(`UPGRADE ${way.request.name.replace(/^IO /, '')}`, 'request', scenario);
    const ends = {
      expired: () => {
        this.#fail('timeout', 'timeout', `no upgrade within ${way.request.timeoutMs} ms`);
      },
      cut: () => {
        this.#isOver = true;
        this.#webSocket.terminate('reset');
      },
    };
    // Its headers are those of the attempt, the trace's too.
    this.#request = new TimedRequest(settings, series, ends, way.request.trace.id);
    this.#webSocket = openWebSocket(way, this, { transport: 'websocket', sid });
    const now = settings.clock.now();
    this.#request.issue(now, now, now, way.request.timeoutMs);
  }

  /** Nothing will become of it any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The session has ended, which is the server's doing, or the network's. */
  lost(): void {
    this.#request.end('failed', this.#now, 'closed', 'the session ended before the upgrade');
    this.abandon();
  }

  /** The test has ended or given up the session: no failure of the server. */
  abandon(): void {
    this.#leaveUnfinished();
    this.#webSocket.terminate('reset');
  }

  /** As `abandon`, but the server hears nothing of it. */
  silence(): void {
    this.#leaveUnfinished();
    this.#webSocket.silence();
  }

  #leaveUnfinished(): void {
    this.#isOver = true;
    this.#request.end('unfinished', this.#now, 'unfinished');
  }

  get #now(): number {
    return this.#way.context.settings.clock.now();
  }

  opened(timings: WebSocketTimings, terms: Opened): void {
    const { recorder, clock } = this.#way.context.settings;
    const now = clock.now();
    this.#request.sentMs = now - timings.upgradeMs;
    this.#request.firstByteMs = now;
    this.#request.status = terms.head.status;
    this.#way.request.keepCookies(terms.head);
    if (timings.dnsMs > 0) recorder.dns.record(timings.dnsMs * 1000);
    if (timings.tlsMs > 0) recorder.tls.record(timings.tlsMs * 1000);
    this.#webSocket.send(question);
  }

  refused({ error: cause, head }: Refusal): void {
    this.#request.status = head?.status ?? 0;
    const { ending, error } = endingOf(cause, head);
    this.#fail(ending, error.kind, error.message);
  }

  message(data: string | Uint8Array): void {
    if (this.#isUpgraded) this.#user.message(data);
    else if (data === answer) this.#owner.answered(this.#take);
    else this.#fail('failed', 'protocol', 'the server did not answer the probe of the upgrade');
  }

  readonly #take = (): void => {
    if (this.#isOver || this.#isUpgraded || !this.#webSocket.send(upgrade)) return;
    this.#isUpgraded = true;
    this.#request.end('expected', this.#now);
    this.#owner.upgraded(this.#webSocket);
  };

  pong(payload: Uint8Array): void {
    this.#user.pong(payload);
  }

  closed(code: number, reason: string, wasClean: boolean, error: TransportError | undefined): void {
    if (this.#isUpgraded) this.#user.closed(code, reason, wasClean, error);
    else this.#fail('failed', 'closed', `the server closed with ${code} before the upgrade`);
  }

  #fail(ending: Ending, kind: string, message: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#request.end(ending, this.#now, kind, message);
    this.#webSocket.close(1000);
    this.#owner.failed();
  }
}
