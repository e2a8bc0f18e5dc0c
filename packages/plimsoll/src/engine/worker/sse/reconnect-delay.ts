/** How long a stream waits before it comes back: as the server says, and longer after attempts that failed. */
import type { StreamReconnectOptions } from '../../../model/sse.ts';
import { delaysOf } from '../../back-off.ts';
import { mostTimerMs } from '../timeouts.ts';

const defaultDelay = '3s';
/** A server may ask for no wait at all; from 0 none would grow either. */
const leastMs = 1;

export class ReconnectDelay {
  readonly #delayMs: number;
  readonly #maxDelayMs: number;
  /** Attempts since the last stream. */
  #attempts = 0;
  /** The server's word, over all connections. */
  retryMs: number | undefined = undefined;

  /** Errors: TestFileError, UnitSyntaxError. */
  constructor({ delay = defaultDelay, maxDelay }: StreamReconnectOptions) {
    const { delayMs, maxDelayMs } = delaysOf(delay, maxDelay, 0);
    this.#delayMs = delayMs;
    this.#maxDelayMs = maxDelay === undefined ? 0 : maxDelayMs;
  }

  /** Before the attempt that follows. */
  next(): number {
    const baseMs = Math.max(this.retryMs ?? this.#delayMs, leastMs);
    const grownMs = Math.min(baseMs * 2 ** this.#attempts, this.#maxDelayMs);
    this.#attempts++;
    // What the server asked for is never undercut.
    return Math.min(Math.max(baseMs, grownMs), mostTimerMs);
  }

  succeeded(): void {
    this.#attempts = 0;
  }
}
