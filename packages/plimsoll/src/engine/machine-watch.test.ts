import { expect, test } from 'vitest';
import { VirtualClock } from '../kernel/virtual-clock.ts';
import { MachineWatch } from './machine-watch.ts';

test('the wall clock against the monotonic one: a jump is seen once, by its size', () => {
  const clock = new VirtualClock();
  const watch = new MachineWatch(clock);
  clock.advance(1000);
  expect(watch.take().clockJumpMs).toBeCloseTo(0, 9);
  // The machine slept: only the wall clock went on.
  clock.wallOffsetMs += 30_000;
  clock.advance(1000);
  expect(watch.take().clockJumpMs).toBeCloseTo(30_000, 6);
  clock.advance(5000);
  expect(watch.take().clockJumpMs).toBeCloseTo(0, 6);
  clock.wallOffsetMs -= 700;
  expect(watch.take().clockJumpMs).toBeCloseTo(-700, 6);
});

test('a blocked host is no jump: both clocks went on', () => {
  const clock = new VirtualClock();
  const watch = new MachineWatch(clock);
  clock.block(60_000);
  expect(watch.take().clockJumpMs).toBeCloseTo(0, 6);
});

test('steal is a share, or null where nobody tells', () => {
  const { stealShare } = new MachineWatch(new VirtualClock()).take();
  expect(stealShare === null || (stealShare >= 0 && stealShare <= 1)).toBe(true);
});
