/** Names to addresses, remembered for a while, with every address of a name used in turn. One cache per thread. */
import { lookup } from 'node:dns';
import { isIP } from 'node:net';
import type { Clock } from '../../kernel/clock.ts';

export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

export type DnsCallback = (error: Error | undefined, addresses: readonly ResolvedAddress[]) => void;

/** Looks one name up, all addresses: `dns.lookup` outside of tests. */
export type DnsLookup = (host: string, done: DnsCallback) => void;

export interface DnsCacheOptions {
  /** How long addresses are kept; the system's resolver does not tell the record's own time. Default 60 s. */
  readonly ttlMs?: number;
  readonly lookup?: DnsLookup;
}

interface Entry {
  readonly addresses: readonly ResolvedAddress[];
  readonly error: Error | undefined;
  readonly expiresMs: number;
  /** Until when an address that refused comes last; parallel to `addresses`. */
  readonly avoidUntilMs: number[];
  /** Which address the next connection tries first. */
  turn: number;
}

/** A name that was not found is not asked for again before this, so that failing requests do not load the resolver. */
const failureTtlMs = 1000;
const avoidMs = 10_000;
/** Bounded, for tests that make names up. */
const maximumNames = 10_000;

export class DnsCache {
  readonly #clock: Clock;
  readonly #ttlMs: number;
  readonly #lookup: DnsLookup;
  readonly #entries = new Map<string, Entry>();
  readonly #waiting = new Map<string, DnsCallback[]>();

  constructor(clock: Clock, options: DnsCacheOptions = {}) {
    this.#clock = clock;
    this.#ttlMs = options.ttlMs ?? 60_000;
    this.#lookup = options.lookup ?? systemLookup;
  }

  /**
   * The addresses of a host in the order to try them. Calls back at once when they are known, IP literals included;
   * later otherwise. Requests for one name that come together share one look-up.
   */
  resolve(host: string, done: DnsCallback): void {
    const family = isIP(host);
    if (family === 4 || family === 6) {
      done(undefined, [{ address: host, family }]);
      return;
    }
    const entry = this.#entries.get(host);
    if (entry !== undefined && this.#clock.now() < entry.expiresMs) {
      done(entry.error, this.#inTurn(entry));
      return;
    }
    const waiting = this.#waiting.get(host);
    if (waiting !== undefined) {
      waiting.push(done);
      return;
    }
    this.#waiting.set(host, [done]);
    this.#lookup(host, (error, addresses) => this.#answered(host, error, addresses));
  }

  /** The address did not take a connection: for 10 s it is tried after the others of its name. */
  avoid(host: string, address: string): void {
    const entry = this.#entries.get(host);
    const index = entry?.addresses.findIndex((known) => known.address === address) ?? -1;
    if (entry !== undefined && index >= 0) entry.avoidUntilMs[index] = this.#clock.now() + avoidMs;
  }

  #answered(host: string, error: Error | undefined, addresses: readonly ResolvedAddress[]): void {
    const failure = error ?? (addresses.length === 0 ? new Error('no address') : undefined);
    const entry: Entry = {
      addresses,
      error: failure,
      expiresMs: this.#clock.now() + (failure === undefined ? this.#ttlMs : failureTtlMs),
      avoidUntilMs: addresses.map(() => -Infinity),
      turn: 0,
    };
    if (this.#entries.size >= maximumNames) this.#entries.clear();
    this.#entries.set(host, entry);
    const waiting = this.#waiting.get(host) ?? [];
    this.#waiting.delete(host);
    for (const done of waiting) done(failure, this.#inTurn(entry));
  }

  #inTurn(entry: Entry): readonly ResolvedAddress[] {
    const { addresses, avoidUntilMs } = entry;
    if (addresses.length < 2) return addresses;
    const now = this.#clock.now();
    const good: ResolvedAddress[] = [];
    const avoided: ResolvedAddress[] = [];
    for (let i = 0; i < addresses.length; i++) {
      const index = (entry.turn + i) % addresses.length;
      (avoidUntilMs[index]! > now ? avoided : good).push(addresses[index]!);
    }
    entry.turn = (entry.turn + 1) % addresses.length;
    return good.concat(avoided);
  }
}

/** Names below `localhost` never leave the machine (RFC 6761); not every resolver knows that. */
const systemLookup: DnsLookup = (host, done) => {
  const name = host.endsWith('.localhost') ? 'localhost' : host;
  lookup(name, { all: true }, (error, found) => {
    if (error !== null) {
      done(error, []);
      return;
    }
    done(
      undefined,
      found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 })),
    );
  });
};
