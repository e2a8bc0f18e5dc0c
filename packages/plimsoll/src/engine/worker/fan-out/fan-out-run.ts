/** One fan-out in one worker: the test functions of its scenarios, and what they have to tell the host. */
import type { Clock } from '../../../kernel/clock.ts';
import type { FanOutRole } from '../../../model/fan-out-scenarios.ts';
import type { RegisteredFanOut } from '../../../model/registered-test.ts';
import type { TestFunction } from '../../../model/suite.ts';
import type { TestPlan } from '../../../model/plan.ts';
import type { DeliveryBatch } from '../../../stats/delivery/delivery-batch.ts';
import { stampNonce } from '../../../stats/delivery/nonce.ts';
import { DeliveryRecorder } from './delivery-recorder.ts';
import type { FanOutField } from './field.ts';
import { holdPublisherSocket, publishOne } from './publisher.ts';
import { SubscriberLife } from './subscriber-life.ts';

export interface FanOutRunOptions {
  readonly test: TestPlan;
  readonly registered: RegisteredFanOut;
  readonly clock: Clock;
  readonly seed: number;
  readonly life: { readonly over: boolean };
  readonly countException: (error: unknown) => void;
}

export class FanOutRun {
  readonly #field: FanOutField;
  readonly #testId: number;

  constructor({ test, registered, clock, seed, life, countException }: FanOutRunOptions) {
    this.#testId = test.id;
    this.#field = {
      plan: test.fanOut!,
      roles: registered.roles,
      joins: registered.joins,
      clock,
      seed,
      life,
      countException,
      deliveries: new DeliveryRecorder(clock),
      startMs: 0,
      nonce: '',
      publisherSockets: new Map(),
      sequences: new Map(),
    };
  }

  start(startMs: number): void {
    this.#field.startMs = startMs;
    this.#field.nonce = stampNonce(startMs, this.#testId);
  }

  run(scenario: string): TestFunction {
    const field = this.#field;
    const runs: Readonly<Record<FanOutRole, TestFunction>> = {
      sentinels: (context) => new SubscriberLife(field, context, context.vu.id).run(),
      subscribers: (context) => new SubscriberLife(field, context, field.plan.sentinels + context.vu.id).run(),
      'publisher sockets': (context) => holdPublisherSocket(field, context),
      publishers: (context) => publishOne(field, context),
    };
    return runs[scenario as FanOutRole];
  }

  take(worker: number): DeliveryBatch {
    return this.#field.deliveries.take(worker);
  }
}
