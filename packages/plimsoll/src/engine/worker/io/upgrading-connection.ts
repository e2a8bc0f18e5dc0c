/**
 * Engine.IO's way from polling to a WebSocket: messages go by polling until a WebSocket of the same session has answered a
 * probe, and by it from then on. Where that fails, polling goes on. The way there is a request of its own.
 */
import type { DeflateCounts } from '../../../protocol/websocket/deflate-counts.ts';
import type { Opened, Refusal, WebSocketTimings, WebSocketUser } from '../../../protocol/websocket/web-socket.ts';
import type { OpeningPhase } from '../../../protocol/net/dial.ts';
import type { TransportError } from '../../../protocol/net/error-kind.ts';
import type { Carrier } from '../sockets/carrier.ts';
import { PollingConnection } from './polling-connection.ts';
import { Probe } from './probe.ts';
import type { Way } from '../sockets/web-socket-way.ts';

export class UpgradingConnection implements Carrier, WebSocketUser {
  readonly #way: Way;
  readonly #user: WebSocketUser;
  readonly #polling: PollingConnection;
  #probe: Probe | undefined;
  #webSocket: Carrier | undefined;
  #deflated: DeflateCounts | undefined;
  /** The test has closed it while the outcome of the probe was open. */
  #toClose: { readonly code: number | undefined } | undefined;

  /** Errors: TestFileError, UsageError, TargetNotAllowedError. */
  constructor(way: Way, user: WebSocketUser) {
    this.#way = way;
    this.#user = user;
    this.#polling = new PollingConnection(way, this);
  }

  get #current(): Carrier {
    return this.#webSocket ?? this.#polling;
  }
  get transport(): 'polling' | 'websocket' {
    return this.#webSocket === undefined ? 'polling' : 'websocket';
  }
  get state(): Carrier['state'] {
    const { state } = this.#current;
    return this.#toClose !== undefined && state === 'open' ? 'closing' : state;
  }
  get phase(): OpeningPhase {
    return this.#polling.phase;
  }
  get bytesIn(): number {
    return this.#polling.bytesIn + (this.#webSocket?.bytesIn ?? 0);
  }
  get bytesOut(): number {
    return this.#polling.bytesOut + (this.#webSocket?.bytesOut ?? 0);
  }
  get bufferedBytes(): number {
    return this.#current.bufferedBytes;
  }

  countDeflated(counts: DeflateCounts | undefined): void {
    this.#deflated = counts;
    this.#webSocket?.countDeflated?.(counts);
  }

  send(data: string | Uint8Array): boolean {
    return this.#toClose === undefined && this.#current.send(data);
  }

  /** A probe that is under way is waited for: what becomes of it is the server's doing, and belongs in the books. */
  close(code?: number): void {
    const isAwaited = this.#probe?.isOver === false && !this.#way.context.settings.life.over;
    if (isAwaited) this.#toClose = { code };
    else this.#current.close(code);
  }

  terminate(how: 'reset' | 'fin', why: TransportError): void {
    this.#probe?.abandon();
    this.#current.terminate(how, why);
  }

  silence(): void {
    this.#probe?.silence();
    this.#current.silence();
    this.#closeIfAsked();
  }

  opened(timings: WebSocketTimings, terms: Opened): void {
    this.#user.opened(timings, terms);
    const { session, state } = this.#polling;
    if (state !== 'open' || !session!.upgrades.includes('websocket')) return;
    this.#probe = new Probe(this.#way, session!.sid, this.#user, {
      answered: (take) => {
        this.#polling.pause(take);
      },
      upgraded: (webSocket) => {
        this.#webSocket = webSocket;
        webSocket.countDeflated(this.#deflated);
        for (const packet of this.#polling.retire()) webSocket.send(packet);
        this.#probed();
      },
      failed: () => {
        this.#polling.resume();
        this.#probed();
      },
    });
  }

  #probed(): void {
    this.#probe = undefined;
    this.#closeIfAsked();
  }

  #closeIfAsked(): void {
    const toClose = this.#toClose;
    this.#toClose = undefined;
    if (toClose !== undefined) this.#current.close(toClose.code);
  }

  refused(refusal: Refusal): void {
    this.#user.refused(refusal);
  }

  message(data: string | Uint8Array): void {
    if (this.#toClose === undefined) this.#user.message(data);
  }

  pong(payload: Uint8Array): void {
    this.#user.pong(payload);
  }

  /** The polling has ended before the WebSocket could take over. */
  closed(code: number, reason: string, wasClean: boolean, error: TransportError | undefined): void {
    // A server may end a session that the test has left.
    if (this.#toClose === undefined) this.#probe?.lost();
    else this.#probe?.abandon();
    this.#user.closed(code, reason, wasClean, error);
  }
}
