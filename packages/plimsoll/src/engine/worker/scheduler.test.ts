import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TimerHandle } from '../../kernel/clock.ts';
import { VirtualClock } from '../../kernel/virtual-clock.ts';
import { Scheduler } from './scheduler.ts';

const turnMs = 0.05;

/** Timers fire up to 1 ms early and any amount late, as real ones do. */
class RoughClock extends VirtualClock {
  readonly #errors: readonly number[];
  #timer = 0;

  constructor(errors: readonly number[]) {
    super(0, turnMs);
    this.#errors = errors;
  }

  override after(delayMs: number, callback: () => void): TimerHandle {
    const errorMs = this.#errors[this.#timer++ % this.#errors.length] ?? 0;
    return super.after(Math.max(0.05, delayMs + errorMs), callback);
  }
}

describe('deadlines', () => {
  test.each([true, false])('run in order and never early, whatever the timers do (spin: %s)', (spin) => {
    const error = fc.double({ min: -0.999, max: 20, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.nat(2000), { maxLength: 60 }), fc.array(error), (delays, errors) => {
        const clock = new RoughClock(errors);
        const scheduler = new Scheduler(clock, spin);
        const ran: { atMs: number; nowMs: number }[] = [];
        for (const delay of delays) {
          const atMs = delay / 10;
          scheduler.at(atMs, () => ran.push({ atMs, nowMs: clock.now() }));
        }
        clock.advance(2000);
        expect(ran).toHaveLength(delays.length);
        for (const { atMs, nowMs } of ran) expect(nowMs).toBeGreaterThanOrEqual(atMs);
        expect(ran.map((each) => each.atMs)).toEqual(ran.map((each) => each.atMs).toSorted((a, b) => a - b));
        expect(clock.waiting).toBe(0);
      }),
      { seed: 6, numRuns: 60 },
    );
  });

  test('an earlier one that comes later wakes earlier', () => {
    const clock = new VirtualClock(0);
    const scheduler = new Scheduler(clock, false);
    const ran: string[] = [];
    scheduler.at(500, () => ran.push(`second ${clock.now()}`));
    scheduler.at(20, () => ran.push(`first ${clock.now()}`));
    clock.advance(1000);
    expect(ran).toEqual(['first 20', 'second 500']);
  });

  test('one made by another runs in the same turn when it is due already', () => {
    const clock = new VirtualClock(0);
    const scheduler = new Scheduler(clock, false);
    const ran: number[] = [];
    scheduler.at(10, () => {
      scheduler.at(10, () => ran.push(clock.now()));
      scheduler.at(30, () => ran.push(clock.now()));
    });
    clock.advance(100);
    expect(ran).toEqual([10, 30]);
  });

  test('a cancelled one does not run, and the clock is not kept busy for it', () => {
    const clock = new VirtualClock(0, turnMs);
    const scheduler = new Scheduler(clock, true);
    const ran: string[] = [];
    const cancelled = [10, 20, 30].map((atMs) => scheduler.at(atMs, () => ran.push('cancelled')));
    scheduler.at(25, () => ran.push('kept'));
    for (const deadline of cancelled) deadline.cancelled = true;
    clock.advance(100);
    expect(ran).toEqual(['kept']);
    expect(clock.waiting).toBe(0);
  });

  test('what is due at once runs 1,000 in a turn', () => {
    const clock = new VirtualClock(0);
    const scheduler = new Scheduler(clock, false);
    let ran = 0;
    for (let n = 0; n < 2500; n++) scheduler.at(1, () => ran++);
    clock.block(1);
    const perTurn = [];
    while (ran < 2500) {
      const before = ran;
      clock.turn();
      perTurn.push(ran - before);
    }
    expect(perTurn).toEqual([1000, 1000, 500]);
  });

  test('a mistake in one does not stop the others', () => {
    const clock = new VirtualClock(0);
    const scheduler = new Scheduler(clock, false);
    let ran = false;
    scheduler.at(1, () => {
      throw new Error('mistake');
    });
    scheduler.at(2, () => (ran = true));
    expect(() => clock.advance(1)).toThrow('mistake');
    clock.advance(10);
    expect(ran).toBe(true);
  });

  test('after close nothing runs, and it can be used again', () => {
    const clock = new VirtualClock(0);
    const scheduler = new Scheduler(clock, false);
    const ran: string[] = [];
    scheduler.at(10, () => ran.push('before'));
    scheduler.close();
    expect(clock.waiting).toBe(0);
    scheduler.at(20, () => ran.push('after'));
    clock.advance(50);
    expect(ran).toEqual(['after']);
  });

  test('a deadline in 30 days is waited for in timers that Node can count', () => {
    const clock = new VirtualClock(0);
    let longestMs = 0;
    const after = clock.after.bind(clock);
    clock.after = (delayMs, callback) => {
      longestMs = Math.max(longestMs, delayMs);
      return after(delayMs, callback);
    };
    let ranMs = 0;
    const thirtyDaysMs = 30 * 86_400_000;
    new Scheduler(clock, false).at(thirtyDaysMs, () => (ranMs = clock.now()));
    clock.advance(thirtyDaysMs);
    expect(ranMs).toBe(thirtyDaysMs);
    expect(longestMs).toBeLessThan(2 ** 31);
  });
});

describe('spinning', () => {
  test('begins 1.5 ms before a deadline and is counted as such', () => {
    const clock = new RoughClock([0]);
    const scheduler = new Scheduler(clock, true);
    let ranMs = 0;
    scheduler.at(100, () => (ranMs = clock.now()));
    clock.advance(200);
    expect(ranMs).toBeGreaterThanOrEqual(100);
    expect(ranMs).toBeLessThanOrEqual(100 + 2 * turnMs);
    expect(scheduler.spunMs).toBeGreaterThan(1.5 - 3 * turnMs);
    expect(scheduler.spunMs).toBeLessThan(1.5 + 2 * turnMs);
  });

  test('is none without leave', () => {
    const clock = new RoughClock([0]);
    const scheduler = new Scheduler(clock, false);
    scheduler.at(100, () => undefined);
    clock.advance(200);
    expect(scheduler.spunMs).toBe(0);
  });

  test('ends where there is work: turns in which something was read are not idle', () => {
    const clock = new RoughClock([0]);
    const scheduler = new Scheduler(clock, true);
    const read = (): void => {
      scheduler.activity++;
      clock.soon(read);
    };
    read();
    scheduler.at(100, () => undefined);
    clock.advance(99.99);
    expect(scheduler.spunMs).toBe(0);
  });

  test('what a deadline sets free is work, though the next one is near', () => {
    const clock = new RoughClock([0]);
    const scheduler = new Scheduler(clock, true);
    // The code behind the first deadline, a sleep of the test, computes for 2 ms after the turn that woke it.
    scheduler.at(100, () => {
      void clock.after(0, () => undefined);
    });
    scheduler.at(102, () => undefined);
    clock.advance(100.06);
    const before = scheduler.spunMs;
    clock.block(2);
    clock.advance(10);
    expect(scheduler.spunMs - before).toBeLessThan(0.2);
  });
});
