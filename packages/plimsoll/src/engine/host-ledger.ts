/** The books of a fan-out beside the clock of the test: when which of its messages are settled. */
import type { FanOutPlan } from '../model/fan-out-plan.ts';
import type { DeliveryBatch } from '../stats/delivery/delivery-batch.ts';
import type { DeliveryDelta } from '../stats/delivery/delivery-delta.ts';
import { DeliveryLedger } from '../stats/delivery/delivery-ledger.ts';
import { stampNonce } from '../stats/delivery/nonce.ts';

export class HostLedger {
  readonly #plan: FanOutPlan;
  #ledger: DeliveryLedger | undefined;
  #startMs = 0;
  #toldMs = 0;

  constructor(plan: FanOutPlan) {
    this.#plan = plan;
  }

  start(startMs: number, testId: number): void {
    const { guardMs, drainMs, sentinels } = this.#plan;
    this.#startMs = startMs;
    this.#ledger = new DeliveryLedger({ nonce: stampNonce(startMs, testId), guardMs, drainMs, sentinels });
  }

  add(batch: DeliveryBatch): void {
    this.#toldMs = Math.max(this.#toldMs, batch.untilMs);
    this.#ledger?.add(batch);
  }

  lose(worker: number): void {
    this.#ledger?.lose(worker);
  }

  /** All workers have told this second. */
  second(second: number): DeliveryDelta | undefined {
    return this.#ledger?.advance(this.#startMs + (second + 1) * 1000);
  }

  /** All workers have told all. */
  finish(): DeliveryDelta | undefined {
    return this.#ledger?.finish(this.#toldMs);
  }
}
