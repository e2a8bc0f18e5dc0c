/**
 * Something on a socket that is measured as a request: opening it, a ping, a step. It is in the books from `issue` to its
 * one end, expires with the others of its time-out, and is cut with them at the end of the test.
 */
import type { Instants } from '../instants.ts';
import type { Ending, SeriesRecord } from '../series-record.ts';
import type { TestSettings } from '../test-settings.ts';
import type { Expiring, TimeoutList } from '../timeouts.ts';

export interface TimedOwner {
  /** Time is over; `end` is still to be called. */
  expired(): void;
  /** The test is over, and the request recorded as unfinished. */
  cut(): void;
}

export class TimedRequest implements Instants, Expiring {
  readonly #settings: TestSettings;
  readonly #series: SeriesRecord;
  readonly #owner: TimedOwner;
  #isOpen = false;
  dueMs = 0;
  issuedMs = 0;
  sentMs = 0;
  firstByteMs = 0;
  status = 0;
  errorKind = '';
  readonly traceId: string;
  expiryStartMs = 0;
  expiryList: TimeoutList | undefined = undefined;
  previousExpiring: Expiring | undefined = undefined;
  nextExpiring: Expiring | undefined = undefined;

  constructor(settings: TestSettings, series: SeriesRecord, owner: TimedOwner, traceId = '') {
    this.#settings = settings;
    this.#series = series;
    this.#owner = owner;
    this.traceId = traceId;
  }

  issue(dueMs: number, issuedMs: number, nowMs: number, timeoutMs: number): void {
    this.dueMs = dueMs;
    this.issuedMs = issuedMs;
    this.#isOpen = true;
    this.#series.issued++;
    this.#settings.recorder.issue(nowMs, dueMs);
    this.#settings.timeouts.list(timeoutMs).add(this, nowMs);
  }

  /** false: it had ended before. `kind` and `message` where it failed. */
  end(ending: Ending, nowMs: number, kind = '', message = ''): boolean {
    if (!this.#isOpen) return false;
    this.#isOpen = false;
    this.errorKind = kind;
    if (this.expiryList) this.expiryList.remove(this);
    if (ending === 'failed' || ending === 'timeout') {
      this.#settings.recorder.countError(this.#series, kind, message);
    }
    if (this.status > 0) this.#series.countStatus(this.status);
    this.#settings.recorder.end(this.#series, ending, this, nowMs);
    return true;
  }

  expire(): void {
    this.#owner.expired();
  }

  cut(nowMs: number): void {
    this.end('unfinished', nowMs, 'unfinished');
    this.#owner.cut();
  }
}
