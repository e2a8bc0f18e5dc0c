/**
 * Runs that nothing outside disturbs. Other guests of the host slow this machine down by a quarter and more, for seconds
 * or minutes, and no counter in here shows it; a figure taken then is theirs, and so is a ratio of one taken then and
 * another one taken later. So a look at the machine's speed comes before and after each run, whoever's it is: a run
 * waits until the machine is as fast as it can be, for as long as there is patience, and is done again where the machine
 * was slower before or after it.
 */

/** Slower by more than that is disturbed: of looks at a machine that did nothing else, nine in ten were below it. */
const slowerFactor = 1.12;
const calibrationLooks = 10;
const waitMs = 5000;
const mostAgain = 3;
/** Of waiting and doing again, for runs that are compared with each other. */
const patienceMs = 10 * 60_000;

export interface Surroundings {
  /** CPU time of a fixed piece of work, in µs. */
  readonly look: () => Promise<number>;
  readonly pause: (ms: number) => Promise<void>;
  readonly nowMs: () => number;
  readonly say: (line: string) => void;
}

export interface Disturbances {
  /** What a look takes on the machine at its best, in µs. */
  readonly bestUs: number;
  readonly runs: number;
  readonly again: number;
  /** Of the runs that count, those at whose beginning or end the machine was slower. */
  readonly disturbed: number;
  readonly waitedSeconds: number;
}

export class Undisturbed {
  readonly #around: Surroundings;
  readonly #looks: number[] = [];
  /** Of each run that counts, the slower of the two looks. */
  readonly #counting: number[] = [];
  #bestUs = Infinity;
  #again = 0;
  #waitedMs = 0;
  readonly #wholePatienceMs: number;
  #patienceMs: number;

  constructor(around: Surroundings, patience = patienceMs) {
    this.#around = around;
    this.#wholePatienceMs = patience;
    this.#patienceMs = patience;
  }

  /** Before runs that are compared with each other, and not with those before: what those took is none of theirs. */
  begin(): void {
    this.#patienceMs = this.#wholePatienceMs;
  }

  /** Errors: those of a look. */
  async calibrate(): Promise<void> {
    for (let looks = 0; looks < calibrationLooks; looks++) this.#looks.push(await this.#around.look());
    this.#bestUs = tenthOf(this.#looks);
  }

  /** Errors: those of the work. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const { nowMs, say } = this.#around;
    // The runs to come need some, too: one bad time does not take it all.
    const mostUntil = this.#waitedMs + this.#patienceMs / 2;
    for (let again = 0; ; again++) {
      const before = await this.#untilFast(Math.min(mostUntil - this.#waitedMs, this.#patienceMs));
      const beganMs = nowMs();
      const outcome = await work();
      const after = await this.#look();
      const slower = Math.max(before, after);
      if (!this.#isSlow(slower) || again === mostAgain || this.#patienceMs <= 0) {
        this.#counting.push(slower);
        return outcome;
      }
      this.#patienceMs -= nowMs() - beganMs;
      this.#again++;
      say(`the machine was slower before or after it (${this.#factor(slower)}): again`);
    }
  }

  async #untilFast(mostMs: number): Promise<number> {
    const { pause, nowMs, say } = this.#around;
    let looked = await this.#look();
    const beganMs = nowMs();
    if (this.#isSlow(looked)) say(`the machine is slower than it can be (${this.#factor(looked)}): waiting`);
    while (this.#isSlow(looked) && mostMs > nowMs() - beganMs) {
      await pause(waitMs);
      looked = await this.#look();
    }
    const waitedMs = nowMs() - beganMs;
    this.#patienceMs -= waitedMs;
    this.#waitedMs += waitedMs;
    return looked;
  }

  async #look(): Promise<number> {
    const us = await this.#around.look();
    this.#looks.push(us);
    // It falls and does not rise: a machine that stays slow is slow.
    this.#bestUs = Math.min(this.#bestUs, tenthOf(this.#looks));
    return us;
  }

  #isSlow(us: number): boolean {
    return us > this.#bestUs * slowerFactor;
  }

  #factor(us: number): string {
    return `${(us / this.#bestUs).toFixed(2)}×`;
  }

  told(): Disturbances {
    return {
      bestUs: this.#bestUs,
      runs: this.#counting.length,
      again: this.#again,
      disturbed: this.#counting.filter((us) => this.#isSlow(us)).length,
      waitedSeconds: this.#waitedMs / 1000,
    };
  }
}

/** A tenth of all looks was as fast, or faster: a single one may be too good to come again. */
function tenthOf(looks: readonly number[]): number {
  return looks.toSorted((a, b) => a - b)[Math.floor(looks.length / 10)]!;
}

/** For the page. */
export function disturbanceLines({ bestUs, runs, again, disturbed, waitedSeconds }: Disturbances): string {
  const counted =
    disturbed === 0
      ? 'None of them'
      : `**${disturbed} of them**, after ${mostAgain} repetitions, when the patience had run out (${patienceMs / 60_000} minutes for runs that are compared with each other), or before the machine had shown its best,`;
  return `- Other guests of a host can slow a machine down and leave no trace in its counters. So before and after each run that is
  compared with others two processes echoed 100 bytes over loop-back, eight times for a moment, of which the fastest counts:
  ${bestUs.toFixed(1)} µs of CPU time for an echo at the machine's best. A run waited until an echo took at most ${slowerFactor} times that, ${Math.round(waitedSeconds)} s in all, and was done again where it took more before or after it, ${again} times.
  ${runs} runs count. ${counted} began or ended on a machine that was slower.`;
}
