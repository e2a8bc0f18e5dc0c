/** One request of a session of polling: what it takes on the wire is counted for the session, and nothing else of it. */
import type { Connection } from '../../../protocol/http1/connection.ts';
import type { ResponseHead } from '../../../protocol/http1/response-head.ts';
import type { DialTimings } from '../../../protocol/net/dial.ts';
import type { TransportError } from '../../../protocol/net/error-kind.ts';
import { Exchange, type ExchangeOwner } from '../http/exchange.ts';
import type { PreparedRequest } from '../http/prepared-request.ts';
import type { TestSettings } from '../test-settings.ts';

/** Of one body, which may hold many messages; a message of base64 is longer than its bytes. */
const mostBodyBytes = 64 * 1024 * 1024;

export interface PollingOwner extends ExchangeOwner {
  readonly counts: { bytesIn: number; bytesOut: number };
  /** The limit of the test's requests is not that of its sockets. */
  readonly maxMessageBytes: number;
}

export class PollingExchange extends Exchange {
  readonly #counts: PollingOwner['counts'];
  readonly #maxMessageBytes: number;
  #used: Connection | undefined;
  #bytesReadBefore = 0;

  constructor(settings: TestSettings, owner: PollingOwner, request: PreparedRequest) {
    super(settings, owner, request);
    this.#counts = owner.counts;
    this.#maxMessageBytes = owner.maxMessageBytes;
  }

  override get maxBodyBytes(): number {
    return Math.max(mostBodyBytes, 2 * this.#maxMessageBytes);
  }

  override connected(connection: Connection, nowMs: number, _timings?: DialTimings): void {
    this.#used = connection;
    this.#bytesReadBefore = connection.bytesRead;
    this.#counts.bytesOut += this.request.byteLength;
    super.connected(connection, nowMs);
  }

  override answered(
    head: ResponseHead,
    body: Uint8Array,
    start: number,
    end: number,
    bodyBytes: number,
    nowMs: number,
  ): void {
    this.#countRead();
    super.answered(head, body, start, end, bodyBytes, nowMs);
  }

  override broken(error: TransportError, seen: boolean, nowMs: number): void {
    this.#countRead();
    super.broken(error, seen, nowMs);
  }

  #countRead(): void {
    if (this.#used !== undefined) this.#counts.bytesIn += this.#used.bytesRead - this.#bytesReadBefore;
    this.#used = undefined;
  }
}
