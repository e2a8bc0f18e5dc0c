/** The request that begins a session of polling: over one of the VU's connections, it goes through the phases of an attempt. */
import type { Connection } from '../../../protocol/http1/connection.ts';
import type { DialPhase, DialTimings, OpeningPhase } from '../../../protocol/net/dial.ts';
import type { TransportError } from '../../../protocol/net/error-kind.ts';
import type { PreparedRequest } from '../http/prepared-request.ts';
import type { TestSettings } from '../test-settings.ts';
import { PollingExchange, type PollingOwner } from './polling-exchange.ts';

export interface OpeningOwner extends PollingOwner {
  /** A connection had to be made for it. */
  dialled(timings: DialTimings): void;
}

export class OpeningExchange extends PollingExchange {
  readonly #owner: OpeningOwner;
  #isConnected = false;
  #failedIn: DialPhase | undefined;

  constructor(settings: TestSettings, owner: OpeningOwner, request: PreparedRequest) {
    super(settings, owner, request);
    this.#owner = owner;
  }

  /** One that waits for a connection that another request holds has got to no server yet, and so not beyond 'tcp'. */
  get phase(): OpeningPhase {
    if (this.#isConnected) return 'upgrade';
    return this.#failedIn ?? this.#owner.connections.pool(this.request.origin).dialPhase ?? 'tcp';
  }

  override connected(connection: Connection, nowMs: number, timings?: DialTimings): void {
    this.#isConnected = true;
    if (timings !== undefined) this.#owner.dialled(timings);
    super.connected(connection, nowMs);
  }

  override notConnected(error: TransportError, nowMs: number, phase?: DialPhase): void {
    this.#failedIn = phase;
    super.notConnected(error, nowMs);
  }
}
