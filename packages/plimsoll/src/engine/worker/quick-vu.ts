/** A VU with one fixed request and no code of a user: `plimsoll quick`. Hot path: allocates nothing per request. */
import { CookieHolder } from './http/cookie-holder.ts';
import { Exchange, type ExchangeOwner } from './http/exchange.ts';
import type { PreparedRequest } from './http/prepared-request.ts';
import type { RequestBuilder } from './http/request-builder.ts';
import { VuConnections, type ConnectionSettings } from './http/vu-connections.ts';
import type { TestSettings } from './test-settings.ts';
import type { IterationEnded, LoadVu } from './vu.ts';

export interface QuickSettings extends TestSettings {
  readonly connections: ConnectionSettings;
  readonly builder: RequestBuilder;
  readonly request: PreparedRequest;
  readonly isOpenModel: boolean;
}

export class QuickVu implements LoadVu, ExchangeOwner {
  readonly id: number;
  readonly connections: VuConnections;
  readonly sockets = undefined;
  readonly cookies: CookieHolder;
  readonly builder: RequestBuilder;
  readonly #settings: QuickSettings;
  readonly #ended: IterationEnded;
  readonly #exchange: Exchange;
  iterationDueMs = 0;
  readonly requestsMade = 1;
  active = false;
  iterations = 0;
  untilMs = 0;

  constructor(id: number, settings: QuickSettings, ended: IterationEnded) {
    this.id = id;
    this.connections = new VuConnections(settings.connections);
    this.cookies = new CookieHolder(settings.clock.wallMs);
    this.builder = settings.builder;
    this.#settings = settings;
    this.#ended = ended;
    this.#exchange = new Exchange(settings, this, settings.request);
  }

  start(_index: number, dueMs: number, issuedMs: number): void {
    this.iterationDueMs = dueMs;
    this.active = true;
    const exchange = this.#exchange;
    // A redirect has left its own request there.
    exchange.request = this.#settings.request;
    if (this.#settings.isOpenModel) exchange.issue(dueMs, issuedMs, this.#settings.clock.now());
    else exchange.issue(dueMs, dueMs, dueMs);
  }

  exchangeEnded(): void {
    this.active = false;
    this.#ended(this, undefined, false);
  }
}
