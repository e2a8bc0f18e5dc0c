/** The time between the connection and the WebSocket: the request that asks for it, and the answer as it comes in. */
import type { ParserLimits, ResponseHead } from '../http1/response-head.ts';
import { ResponseParser, type BodySink } from '../http1/response-parser.ts';
import type { DialTimings } from '../net/dial.ts';
import { transportError, type TransportError } from '../net/error-kind.ts';
import { checkAnswer, requestText, type HandshakeRequest } from './handshake.ts';
import { randomKey } from './random-key.ts';
import type { Opened, WebSocketTimings } from './web-socket.ts';

export type OpeningOutcome =
  | { readonly opened: Opened; readonly timings: WebSocketTimings; readonly consumed: number }
  | { readonly error: TransportError; readonly head: ResponseHead | undefined };

export class Opening implements BodySink {
  readonly request: string;
  readonly #asked: HandshakeRequest;
  readonly #key = randomKey();
  readonly #parser: ResponseParser;
  #timings: DialTimings | undefined;
  #connectedMs = 0;

  /** Errors: TestFileError, when the request cannot be written. */
  constructor(asked: HandshakeRequest, limits: ParserLimits) {
    this.#asked = asked;
    this.request = requestText(asked, this.#key);
    this.#parser = new ResponseParser(this, limits);
    this.#parser.start('GET');
  }

  connected(timings: DialTimings, nowMs: number): void {
    this.#timings = timings;
    this.#connectedMs = nowMs;
  }

  /** undefined: more must come. */
  read(bytes: Uint8Array, length: number, nowMs: number): OpeningOutcome | undefined {
    const consumed = this.#parser.execute(bytes, 0, length);
    const { state, head, fault } = this.#parser;
    if (state === 'error') {
      const message = fault?.message ?? 'the answer to the upgrade is not HTTP';
      return { error: transportError('protocol', message, fault?.code ?? ''), head };
    }
    if (head === undefined) return undefined;
    if (state !== 'upgrade') {
      const message = `the server answered the upgrade with status ${head.status}`;
      return { error: transportError('status', message, String(head.status)), head };
    }
    try {
      const terms = checkAnswer(head, this.#key, this.#asked);
      const { dnsMs, connectMs, tlsMs } = this.#timings!;
      const timings = { dnsMs, connectMs, tlsMs, upgradeMs: nowMs - this.#connectedMs };
      return { opened: { head, ...terms }, timings, consumed };
    } catch (error) {
      const message = `the server's answer to the upgrade is not valid: ${(error as Error).message}`;
      return { error: transportError('protocol', message, 'handshake'), head };
    }
  }

  /** BodySink: the body of a refusal is not waited for. */
  onBody(): void {
    // Nothing of it is kept.
  }
}
