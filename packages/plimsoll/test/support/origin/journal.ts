/** The server's own exact record of what came in and what went out. */
import type { OriginRecord, PathRecord } from './messages.ts';

export type Outcome = 'reset' | 'cut' | 'abandoned';

class PathJournal {
  arrived = 0;
  reset = 0;
  cut = 0;
  abandoned = 0;
  readonly answered: Record<string, number> = {};
  readonly arrivalsMs: number[] = [];
  readonly servicesMs: number[] = [];

  get open(): number {
    const answered = Object.values(this.answered).reduce((sum, count) => sum + count, 0);
    return this.arrived - answered - this.reset - this.cut - this.abandoned;
  }

  taken(): PathRecord {
    return {
      arrived: this.arrived,
      answered: this.answered,
      reset: this.reset,
      cut: this.cut,
      abandoned: this.abandoned,
      open: this.open,
      arrivalsMs: Float64Array.from(this.arrivalsMs),
      servicesMs: Float64Array.from(this.servicesMs),
    };
  }
}

/** One request as the journal knows it. It ends once; whatever is said of it later counts for nothing. */
export class Entry {
  readonly #journal: Journal;
  readonly #path: PathJournal;
  readonly #arrivedMs: number;
  /** From 0, among the requests of its path. */
  readonly number: number;
  ended = false;

  constructor(journal: Journal, path: PathJournal) {
    this.#journal = journal;
    this.#path = path;
    this.#arrivedMs = performance.now();
    this.number = path.arrived++;
  }

  answered(status: number): void {
    if (this.#end()) return;
    this.#path.answered[status] = (this.#path.answered[status] ?? 0) + 1;
    this.#path.arrivalsMs.push(this.#arrivedMs - this.#journal.firstMs);
    this.#path.servicesMs.push(performance.now() - this.#arrivedMs);
  }

  brokenOff(outcome: Outcome): void {
    if (!this.#end()) this.#path[outcome]++;
  }

  /** Whether it had ended before. */
  #end(): boolean {
    const ended = this.ended;
    this.ended = true;
    return ended;
  }
}

export class Journal {
  readonly #paths = new Map<string, PathJournal>();
  /** When the first request came; 0 before. */
  firstMs = 0;
  opened = 0;
  open = 0;
  mostOpen = 0;
  closedIdle = 0;
  frozen: { fromMs: number; toMs: number } | undefined = undefined;

  arrive(name: string): Entry {
    let path = this.#paths.get(name);
    if (!path) this.#paths.set(name, (path = new PathJournal()));
    if (this.firstMs === 0) this.firstMs = performance.now();
    return new Entry(this, path);
  }

  connectionOpened(): void {
    this.opened++;
    this.open++;
    this.mostOpen = Math.max(this.mostOpen, this.open);
  }

  taken(): OriginRecord {
    const { opened, open, mostOpen, closedIdle, frozen } = this;
    return {
      paths: Object.fromEntries([...this.#paths].map(([name, path]) => [name, path.taken()])),
      connections: { opened, open, mostOpen, closedIdle },
      frozen,
    };
  }
}
