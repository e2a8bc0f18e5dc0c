/**
 * When arrival k is due: a pure function of (load model, seed, k), so that workers need not talk to each other.
 *
 * Constant spacing: arrival k is due where Λ(t) = k, from k = 0 on.
 *
 * Poisson: the plan is cut into slots of 10 ms. Slot j holds Poisson(∫λ over the slot) arrivals, drawn from (seed, j)
 * alone; given their number, the arrivals of a Poisson process are independent, each distributed as λ inside the slot.
 * So with the slot's uniform numbers u sorted, they are due at Λ⁻¹(Λ(start) + u·∫λ). k counts through all slots, and
 * every worker generates all of them and keeps its stripe: the union of any split is the plan of one worker.
 *
 * Hot path: 100,000 arrivals/s at under 2 % of a core; memory is one slot, however long the plan.
 */
import type { ArrivalRate } from '../model/load-model.ts';
import { Sfc32, poissonCount } from '../kernel/random.ts';
import type { RateShape } from './shapes.ts';
import { expectedBy, rateShape, timeOfCount } from './shapes.ts';
import type { Stripe } from './split.ts';
import { owns } from './split.ts';

/** Walks through the arrivals of one stripe in the order in which they are due. */
export interface ArrivalCursor {
  /** When the present arrival is due, in ms from the start of the scenario and within its duration; Infinity at the end. */
  readonly dueMs: number;
  /** Its number k, from 0, in the plan of all workers; at the end, how many arrivals the plan holds. */
  readonly index: number;
  /** Goes to the next one; at the end it stays there. Allocates nothing per arrival. */
  advance(): void;
}

const slotMs = 10;

/** A cursor on the first arrival of the stripe. */
export function arrivalCursor(load: ArrivalRate, seed: number, stripe: Stripe): ArrivalCursor {
  const shape = rateShape(load);
  return load.spacing === 'poisson' ? new PoissonCursor(shape, seed, stripe) : new ConstantCursor(shape, stripe);
}

/** How many arrivals the plan of all workers holds. Poisson: 0.1 to 0.3 µs per slot, so 0.1 s for a plan of an hour. */
export function plannedArrivals(load: ArrivalRate, seed: number): number {
  const shape = rateShape(load);
  return load.spacing === 'poisson' ? poissonTotal(shape, seed) : constantTotal(shape);
}

/** As many k, from 0, as have Λ(t) = k before the end. */
function constantTotal(shape: RateShape): number {
  const nearest = Math.round(shape.expected);
  const first = Math.max(0, nearest - 1);
  let total = first;
  while (timeOfCount(shape, total) !== Infinity) total++;
  return total;
}

function poissonTotal(shape: RateShape, seed: number): number {
  const draw = new SlotDraw(shape, seed);
  const slots = Math.ceil(shape.durationMs / slotMs);
  let total = 0;
  for (let slot = 0; slot < slots; slot++) total += draw.begin(slot);
  return total;
}

class ConstantCursor implements ArrivalCursor {
  dueMs = Infinity;
  index = -1;
  private readonly shape: RateShape;
  private readonly stripe: Stripe;
  private readonly total: number;

  constructor(shape: RateShape, stripe: Stripe) {
    this.shape = shape;
    this.stripe = stripe;
    this.total = constantTotal(shape);
    this.advance();
  }

  advance(): void {
    if (this.index >= this.total) return;
    do this.index++;
    while (this.index < this.total && !owns(this.stripe, this.index));
    this.dueMs = this.index < this.total ? timeOfCount(this.shape, this.index) : Infinity;
  }
}

class PoissonCursor implements ArrivalCursor {
  dueMs = Infinity;
  index = -1;
  private readonly draw: SlotDraw;
  private readonly stripe: Stripe;
  private readonly slots: number;
  private slot = -1;
  /** Number k of the slot's first arrival. */
  private first = 0;
  private count = 0;

  constructor(shape: RateShape, seed: number, stripe: Stripe) {
    this.draw = new SlotDraw(shape, seed);
    this.stripe = stripe;
    this.slots = Math.ceil(shape.durationMs / slotMs);
    this.advance();
  }

  advance(): void {
    if (this.slot >= this.slots) return;
    do {
      this.index++;
      while (this.index >= this.first + this.count) {
        if (!this.nextSlot()) return;
      }
    } while (!owns(this.stripe, this.index));
    this.dueMs = this.draw.due[this.index - this.first]!;
  }

  private nextSlot(): boolean {
    this.first += this.count;
    this.slot++;
    if (this.slot >= this.slots) {
      this.count = 0;
      this.dueMs = Infinity;
      return false;
    }
    this.count = this.draw.begin(this.slot);
    this.draw.finish();
    return true;
  }
}

/** The arrivals of one slot at a time, in a buffer that is used again and again. */
class SlotDraw {
  /** When the slot's arrivals are due, ascending; as many as `begin` said. */
  due = new Float64Array(64);
  private readonly shape: RateShape;
  private readonly seed: number;
  private readonly generator = new Sfc32();
  private readonly random = (): number => this.generator.next();
  private count = 0;
  private startMs = 0;
  private endMs = 0;
  private before = 0;
  private mass = 0;

  constructor(shape: RateShape, seed: number) {
    this.shape = shape;
    this.seed = seed;
  }

  /** Draws how many arrivals the slot holds. */
  begin(slot: number): number {
    this.startMs = slot * slotMs;
    this.endMs = Math.min(this.startMs + slotMs, this.shape.durationMs);
    this.before = expectedBy(this.shape, this.startMs);
    this.mass = expectedBy(this.shape, this.endMs) - this.before;
    if (!(this.mass > 0)) return (this.count = 0);
    this.generator.reseed(this.seed, slot);
    this.count = poissonCount(this.random, this.mass);
    return this.count;
  }

  /** Draws when they are due. Every worker computes all of them, so that rounding cannot differ between workers. */
  finish(): void {
    const { count, shape, before, mass } = this;
    if (count > this.due.length) this.due = new Float64Array(2 * count);
    const { due } = this;
    for (let i = 0; i < count; i++) due[i] = this.generator.next();
    sortFirst(due, count);
    // Rounding may neither leave the slot nor turn back.
    const latestMs = this.endMs * (1 - Number.EPSILON);
    let previousMs = this.startMs;
    for (let i = 0; i < count; i++) {
      const dueMs = Math.min(latestMs, timeOfCount(shape, before + due[i]! * mass));
      previousMs = Math.max(previousMs, dueMs);
      due[i] = previousMs;
    }
  }
}

/** Sorts the first `count` numbers. A few are inserted in place, because a view on the buffer would be an allocation. */
function sortFirst(values: Float64Array, count: number): void {
  if (count > 48) {
    values.subarray(0, count).sort();
    return;
  }
  for (let i = 1; i < count; i++) {
    const value = values[i]!;
    let at = i;
    for (; at > 0 && values[at - 1]! > value; at--) values[at] = values[at - 1]!;
    values[at] = value;
  }
}
