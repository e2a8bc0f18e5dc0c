/** What everything in one worker shares while one test runs. */
import type { Clock } from '../../kernel/clock.ts';
import type { HttpPlan } from '../../model/plan.ts';
import type { BaseUrl } from '../../protocol/http1/target-url.ts';
import type { BodyArena } from './http/body-arena.ts';
import type { Origins } from './http/origins.ts';
import type { TestRecorder } from './test-recorder.ts';
import type { Timeouts } from './timeouts.ts';

export interface TestSettings {
  readonly clock: Clock;
  readonly recorder: TestRecorder;
  readonly timeouts: Timeouts;
  readonly arena: BodyArena;
  readonly origins: Origins;
  readonly http: HttpPlan;
  readonly maxBodyBytes: number;
  readonly base: BaseUrl | undefined;
  readonly seed: number;
  /** Aborts when the test is cut. */
  readonly signal: AbortSignal;
  readonly log: (level: 'log' | 'warn' | 'error' | 'debug', text: string, vu: number) => void;
  readonly debug: boolean;
  /** Once it is over, what code of the test lives on asks in vain. */
  readonly life: { over: boolean };
}
