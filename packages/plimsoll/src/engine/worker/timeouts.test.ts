import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../kernel/virtual-clock.ts';
import { Timeouts, type Expiring, type TimeoutList } from './timeouts.ts';

class Item implements Expiring {
  expiryStartMs = 0;
  expiryList: TimeoutList | undefined;
  previousExpiring: Expiring | undefined;
  nextExpiring: Expiring | undefined;
  expiredMs = -1;
  readonly #clock: VirtualClock;
  readonly #then: (() => void) | undefined;

  constructor(clock: VirtualClock, then?: () => void) {
    this.#clock = clock;
    this.#then = then;
  }

  expire(): void {
    this.expiredMs = this.#clock.now();
    this.#then?.();
  }

  cut(): void {
    // Not what is tested here.
  }
}

const made = () => {
  const clock = new VirtualClock(0);
  return { clock, timeouts: new Timeouts(clock) };
};

describe('time-outs', () => {
  test('each expires at its own time, not earlier and not with the others', () => {
    const { clock, timeouts } = made();
    const items = [0, 3, 500, 999, 1000].map((startMs) => {
      clock.advance(startMs - clock.now());
      const item = new Item(clock);
      timeouts.list(1000).add(item, clock.now());
      return item;
    });
    clock.advance(5000);
    expect(items.map((item) => item.expiredMs)).toEqual([1000, 1003, 1500, 1999, 2000]);
    expect(clock.waiting).toBe(0);
  });

  test('an expiry that adds another does not put the rest off', () => {
    const { clock, timeouts } = made();
    const list = timeouts.list(1000);
    const again = new Item(clock);
    list.add(new Item(clock, () => list.add(again, clock.now())), 0);
    clock.advance(500);
    const second = new Item(clock);
    list.add(second, 500);
    clock.advance(5000);
    expect([second.expiredMs, again.expiredMs]).toEqual([1500, 2000]);
  });

  test('lists of different lengths do not wait for each other', () => {
    const { clock, timeouts } = made();
    const [long, short] = [new Item(clock), new Item(clock)];
    timeouts.list(10_000).add(long, 0);
    timeouts.list(10).add(short, 0);
    clock.advance(20_000);
    expect([long.expiredMs, short.expiredMs]).toEqual([10_000, 10]);
    expect(timeouts.list(10)).toBe(timeouts.list(10));
  });

  test('what has ended does not expire, wherever it was in the list', () => {
    for (const ended of [0, 1, 2]) {
      const { clock, timeouts } = made();
      const list = timeouts.list(100);
      const items = [new Item(clock), new Item(clock), new Item(clock)];
      for (const item of items) list.add(item, 0);
      list.remove(items[ended]!);
      clock.advance(1000);
      expect(items.map((item) => item.expiredMs)).toEqual([0, 1, 2].map((n) => (n === ended ? -1 : 100)));
    }
  });

  test('one that ends another on its way out takes it with it', () => {
    const { clock, timeouts } = made();
    const list = timeouts.list(100);
    const second = new Item(clock);
    list.add(new Item(clock, () => list.remove(second)), 0);
    list.add(second, 0);
    clock.advance(1000);
    expect(second.expiredMs).toBe(-1);
  });

  test('takeAll empties all lists', () => {
    const { clock, timeouts } = made();
    const items = Array.from({ length: 5 }, () => new Item(clock));
    for (const [n, item] of items.entries()) timeouts.list(n % 2 === 0 ? 100 : 200).add(item, 0);
    expect(new Set(timeouts.takeAll())).toEqual(new Set(items));
    expect(timeouts.takeAll()).toEqual([]);
    expect(items.every((item) => item.expiryList === undefined)).toBe(true);
    clock.advance(1000);
    expect(items.every((item) => item.expiredMs === -1)).toBe(true);
  });

  test('after close no timer is left', () => {
    const { clock, timeouts } = made();
    timeouts.list(100).add(new Item(clock), 0);
    timeouts.close();
    expect(clock.waiting).toBe(0);
  });
});
