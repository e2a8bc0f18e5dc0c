/** Where requests of a test may go: each origin once, with what a connection to it needs. */
import { assertAllowed } from '../../../kernel/guard.ts';
import type { HttpPlan } from '../../../model/plan.ts';
import type { ConnectionTarget } from '../../../protocol/net/dial.ts';
import type { Origin } from '../../../protocol/http1/target-url.ts';
import { bypassesProxy, parseProxy, type ProxyTarget } from '../../../protocol/net/proxy.ts';

export class TestOrigin {
  readonly url: Origin;
  /** Set where plain HTTP goes through a proxy: the request line holds the whole URL. */
  readonly absolutePrefix: string;
  readonly proxyAuthorization: string | undefined;
  readonly #targets: readonly ConnectionTarget[];
  #next = 0;

  constructor(url: Origin, http: HttpPlan, proxy: ProxyTarget | undefined) {
    this.url = url;
    const plainProxy = proxy !== undefined && url.protocol === 'http:';
    this.absolutePrefix = plainProxy ? url.href : '';
    this.proxyAuthorization = plainProxy ? proxy.authorization : undefined;
    const socketPath = http.socketPath ?? url.socketPath;
    const target: ConnectionTarget = {
      protocol: url.protocol,
      host: url.host,
      port: url.port,
      connectTimeoutMs: http.connectTimeoutMs,
      tls: http.tls,
      ...(proxy && { proxy }),
      ...(socketPath !== undefined && { socketPath }),
    };
    const sources = http.sourceAddresses ?? [];
    this.#targets = sources.length === 0 ? [target] : sources.map((sourceAddress) => ({ ...target, sourceAddress }));
  }

  /** Takes the source addresses in turn. */
  nextTarget(): ConnectionTarget {
    const target = this.#targets[this.#next]!;
    this.#next = this.#next + 1 === this.#targets.length ? 0 : this.#next + 1;
    return target;
  }
}

export class Origins {
  readonly #http: HttpPlan;
  readonly #allow: readonly string[];
  readonly #proxy: ProxyTarget | undefined;
  readonly #byHref = new Map<string, TestOrigin>();

  constructor(http: HttpPlan, allow: readonly string[]) {
    this.#http = http;
    this.#allow = allow;
    this.#proxy = http.proxy === undefined ? undefined : parseProxy(http.proxy);
  }

  /** Errors: TargetNotAllowedError, before any look-up. */
  of(url: Origin): TestOrigin {
    let origin = this.#byHref.get(url.href);
    if (!origin) {
      if (url.socketPath === undefined) assertAllowed(url.host, url.port, this.#allow);
      const proxied = this.#proxy !== undefined && !bypassesProxy(url.host, url.port, this.#http.noProxy ?? []);
      origin = new TestOrigin(url, this.#http, proxied ? this.#proxy : undefined);
      this.#byHref.set(url.href, origin);
    }
    return origin;
  }
}
