/** How long a stream waits before it comes back: as the server says, and longer after attempts that failed. */
import { parseDurationMs } from '../../../kernel/units.ts';
import type { StreamReconnectOptions } from '../../../model/sse.ts';
import { mostTimerMs } from '../timeouts.ts';

const defaultDelayMs = 3000;

export class ReconnectDelay {
  readonly #delayMs: number;
  readonly #maxDelayMs: number;
  /** Attempts since the last stream. */
  #attempts = 0;
  /** The server's word, over all connections. */
  retryMs: number | undefined = undefined;

  constructor({ delay, maxDelay }: StreamReconnectOptions) {
    this.#delayMs = delay === undefined ? defaultDelayMs : parseDurationMs(delay);
    this.#maxDelayMs = maxDelay === undefined ? 0 : parseDurationMs(maxDelay);
  }

  /** Before the attempt that follows. */
  next(): number {
    const baseMs = this.retryMs ?? this.#delayMs;
    const grownMs = Math.min(baseMs * 2 ** this.#attempts, this.#maxDelayMs);
    this.#attempts++;
    // What the server asked for is never undercut.
    return Math.min(Math.max(baseMs, grownMs), mostTimerMs);
  }

  succeeded(): void {
    this.#attempts = 0;
  }
}
