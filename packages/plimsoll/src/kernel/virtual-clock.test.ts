import { expect, test } from 'vitest';
import { VirtualClock } from './virtual-clock.ts';

test('calls back at the right time, in order, and not what was cancelled', () => {
  const clock = new VirtualClock(0);
  const calls: string[] = [];
  const note = (name: string) => () => calls.push(`${name} ${clock.now()}`);
  clock.after(30, note('c'));
  clock.after(10, note('a'));
  clock.after(10, note('b'));
  clock.after(20, note('cancelled')).cancel();
  clock.soon(note('soon'));
  clock.after(10, () => clock.after(5, note('nested')));
  clock.advance(29);
  expect(calls).toEqual(['soon 0', 'a 10', 'b 10', 'nested 15']);
  expect([clock.now(), clock.waiting, clock.nextMs]).toEqual([29, 1, 30]);
  clock.advance(1);
  expect(calls.at(-1)).toBe('c 30');
});

test('a blocked event loop calls late, and the wall clock can jump', () => {
  const clock = new VirtualClock(0);
  let calledMs = -1;
  clock.after(10, () => (calledMs = clock.now()));
  clock.block(300);
  expect(calledMs).toBe(-1);
  clock.turn();
  expect(calledMs).toBe(300);
  const before = clock.wallMs() - clock.now();
  clock.wallOffsetMs += 5000;
  expect(clock.wallMs() - clock.now() - before).toBe(5000);
});

test('what was asked for soon waits for the next turn; a chain of it ends', () => {
  const clock = new VirtualClock(0);
  let turns = 0;
  const again = (): void => {
    if (++turns < 5) clock.soon(again);
  };
  clock.soon(again);
  clock.turn();
  expect(turns).toBe(1);
  clock.advance(0);
  expect(turns).toBe(5);
});

test('pass follows promises up before time goes on', async () => {
  const clock = new VirtualClock(0);
  const times: number[] = [];
  const sleeper = async () => {
    for (let n = 0; n < 3; n++) {
      await new Promise<void>((resolve) => void clock.after(10, resolve));
      times.push(clock.now());
    }
  };
  void sleeper();
  await clock.pass(100);
  expect(times).toEqual([10, 20, 30]);
  expect(clock.now()).toBe(100);
});
