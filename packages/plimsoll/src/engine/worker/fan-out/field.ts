/** What subscribers and publishers of one fan-out share in one worker. */
import type { Clock } from '../../../kernel/clock.ts';
import { mixSeed, Sfc32 } from '../../../kernel/random.ts';
import type { AnyConnection, FanOutRoles } from '../../../model/fan-out.ts';
import { fanOutEndMs, publishingStartMs, type FanOutPlan } from '../../../model/fan-out-plan.ts';
import type { DeliveryRecorder } from './delivery-recorder.ts';

export interface FanOutField {
  readonly plan: FanOutPlan;
  readonly roles: FanOutRoles<unknown, AnyConnection>;
  readonly joins: (subscriber: number, rooms: number) => readonly number[];
  readonly clock: Clock;
  readonly seed: number;
  readonly deliveries: DeliveryRecorder;
  /** The test has been cut or is over: what code lives on has nothing more to do. */
  readonly life: { readonly over: boolean };
  /** What a role throws where its subscriber goes on. */
  readonly countException: (error: unknown) => void;
  /** Of the shared clock; set when the test starts. */
  startMs: number;
  /** Tells the stamps of this run from those of another. */
  nonce: string;
  /** By publisher; a connection that was not made is told by its own `ok`. */
  readonly publisherSockets: Map<number, Promise<AnyConnection>>;
  /** The next sequence number, by room and publisher. */
  readonly sequences: Map<string, number>;
}

export function endMs(field: FanOutField): number {
  return field.startMs + fanOutEndMs(field.plan);
}

/** When the storm takes this subscriber's connection; Infinity: never. */
export function stormMs({ plan, startMs, seed }: FanOutField, subscriber: number): number {
  const { storm, subscribers } = plan;
  if (storm === undefined || !cutSubscribers(subscribers, storm.share, seed).has(subscriber)) return Infinity;
  return startMs + publishingStartMs(plan) + storm.atMs;
}

const known = new Map<string, ReadonlySet<number>>();

/** The same in every worker: exactly the share, rounded, drawn from the seed by partial Fisher–Yates. */
function cutSubscribers(subscribers: number, share: number, seed: number): ReadonlySet<number> {
  const key = `${subscribers}/${share}/${seed}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const random = new Sfc32(mixSeed(seed, subscribers), 0);
  const indexes = Array.from({ length: subscribers }, (_, index) => index);
  const count = Math.round(subscribers * share);
  for (let at = 0; at < count; at++) {
    const other = at + Math.floor(random.next() * (subscribers - at));
    [indexes[at], indexes[other]] = [indexes[other]!, indexes[at]!];
  }
  const cut = new Set(indexes.slice(0, count));
  known.clear();
  known.set(key, cut);
  return cut;
}
