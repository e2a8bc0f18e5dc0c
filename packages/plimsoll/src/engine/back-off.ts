/** How long a socket, or a subscriber, waits before it tries to come back; by default as the official client of Socket.IO does. */
import { TestFileError } from '../kernel/errors.ts';
import { parseDurationMs } from '../kernel/units.ts';
import type { BackoffPlan } from '../model/fan-out-plan.ts';
import type { Duration } from '../model/load-model.ts';
import type { ReconnectOptions } from '../model/socket-io.ts';

export interface BackOff extends BackoffPlan {
  /** Infinity: until the end of the test. */
  readonly attempts: number;
}

const defaultMaxDelayMs = 5000;
/** Some 31 years: a power that grew beyond all numbers would leave no delay at all. */
const mostMs = 1e12;

/** undefined: it does not come back. Errors: TestFileError, UnitSyntaxError. */
export function backOffOf(reconnect: boolean | ReconnectOptions | undefined): BackOff | undefined {
  if (reconnect === undefined || reconnect === false) return undefined;
  const { delay = '1s', maxDelay, factor = 2, jitter = 0.5, attempts = Infinity } = reconnect === true ? {} : reconnect;
  const { delayMs, maxDelayMs } = delaysOf(delay, maxDelay, defaultMaxDelayMs);
  demand(factor >= 1, `reconnect.factor is ${factor}`, 'give it 1 for equal delays, or more');
  demand(jitter >= 0 && jitter <= 1, `reconnect.jitter is ${jitter}`, 'give it from 0 to 1');
  const isCount = attempts === Infinity || (Number.isInteger(attempts) && attempts >= 1);
  demand(isCount, `reconnect.attempts is ${attempts}`, 'give it a whole number, or leave it out to try until the end');
  return { delayMs, maxDelayMs, factor, jitter, attempts };
}

/**
 * The first wait and the longest one. Errors: TestFileError, UnitSyntaxError.
 *
 * @param ordinaryMaxMs the longest where the test says none, or the first where that is longer
 */
export function delaysOf(
  delay: Duration,
  maxDelay: Duration | undefined,
  ordinaryMaxMs: number,
): { readonly delayMs: number; readonly maxDelayMs: number } {
  const delayMs = parseDurationMs(delay);
  const maxDelayMs = maxDelay === undefined ? Math.max(ordinaryMaxMs, delayMs) : parseDurationMs(maxDelay);
  demand(delayMs >= 1, `reconnect.delay is ${delay}`, 'give it at least 1 ms');
  demand(maxDelayMs >= delayMs, `reconnect.maxDelay is ${maxDelay}`, `give it no less than reconnect.delay, ${delay}`);
  return { delayMs, maxDelayMs };
}

function demand(isRight: boolean, message: string, hint: string): void {
  if (!isRight) throw new TestFileError(message, { hint });
}

/**
 * The wait before attempt `n`, from 0, after a loss.
 *
 * One number r from 0 to 1 decides how far the wait d·fⁿ is moved, by r·jitter of itself, and its first decimal which way:
 * shorter where that is even. What is longer than the longest wait is cut to it, in whole milliseconds.
 */
export function backOffMs(backOff: BackoffPlan, n: number, random: () => number): number {
  const { delayMs, maxDelayMs, factor, jitter } = backOff;
  const planned = Math.min(delayMs * factor ** n, mostMs);
  const r = random();
  const moved = Math.floor(r * jitter * planned);
  const isShorter = Math.floor(r * 10) % 2 === 0;
  return Math.floor(Math.min(isShorter ? planned - moved : planned + moved, maxDelayMs));
}
