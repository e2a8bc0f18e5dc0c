/** The way back of one socket: waits as its back-off says, tries, and waits again. Knows no socket. */
import type { Clock } from '../../../kernel/clock.ts';
import type { Reconnected } from '../../../model/socket-io.ts';
import type { Deadline, Scheduler } from '../scheduler.ts';
import { backOffMs, type BackOff } from '../../back-off.ts';

export interface ReconnectionNeeds {
  readonly clock: Clock;
  readonly scheduler: Pick<Scheduler, 'at'>;
  /** From 0 to 1, of the seed. */
  readonly random: () => number;
  /** Begins an attempt that is due then; `failed` or `joined` is to follow. */
  readonly attempt: (dueMs: number) => void;
}

export class Reconnection {
  readonly #needs: ReconnectionNeeds;
  readonly #backOff: BackOff;
  #lostMs = 0;
  /** Since the loss. */
  #attempts = 0;
  #deadline: Deadline | undefined;

  constructor(backOff: BackOff, needs: ReconnectionNeeds) {
    this.#backOff = backOff;
    this.#needs = needs;
  }

  /** The connection is lost. */
  begin(): void {
    this.#lostMs = this.#needs.clock.now();
    this.#attempts = 0;
    this.#wait();
  }

  /** false: it was the last attempt. */
  failed(): boolean {
    if (this.#attempts >= this.#backOff.attempts) return false;
    this.#wait();
    return true;
  }

  joined(): Reconnected {
    return { attempts: this.#attempts, awayMs: this.#needs.clock.now() - this.#lostMs };
  }

  stop(): void {
    if (this.#deadline !== undefined) this.#deadline.cancelled = true;
    this.#deadline = undefined;
  }

  #wait(): void {
    const { clock, scheduler, random, attempt } = this.#needs;
    const dueMs = clock.now() + backOffMs(this.#backOff, this.#attempts++, random);
    this.#deadline = scheduler.at(dueMs, () => {
      this.#deadline = undefined;
      attempt(dueMs);
    });
  }
}
