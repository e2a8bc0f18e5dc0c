/** The way back in virtual time: when attempts are due, against times worked out by hand. */
import { expect, test } from 'vitest';
import { VirtualClock } from '../../../kernel/virtual-clock.ts';
import type { ReconnectOptions } from '../../../model/socket-io.ts';
import { Scheduler } from '../scheduler.ts';
import { backOffOf } from '../../back-off.ts';
import { Reconnection } from './reconnection.ts';

/** @param takesMs what an attempt takes, which fails */
function losing(reconnect: true | ReconnectOptions, takesMs: number, draws: readonly number[] = []) {
  const clock = new VirtualClock(0);
  const due: number[] = [];
  const begun: number[] = [];
  let drawn = 0;
  let isGivenUp = false;
  const reconnection = new Reconnection(backOffOf(reconnect)!, {
    clock,
    scheduler: new Scheduler(clock, false),
    random: () => draws[drawn++ % Math.max(1, draws.length)] ?? 0,
    attempt: (dueMs) => {
      due.push(dueMs);
      begun.push(clock.now());
      clock.after(takesMs, () => {
        isGivenUp = !reconnection.failed();
      });
    },
  });
  return { clock, reconnection, due, begun, isGivenUp: () => isGivenUp };
}

test('each wait begins with the failure of the attempt before', async () => {
  const { clock, reconnection, due, begun } = losing({ jitter: 0 }, 300);
  await clock.pass(10);
  reconnection.begin();
  await clock.pass(20_000);
  // 10 + 1000; 300 for the attempt and then 2000, 4000, 5000, 5000.
  expect(due).toEqual([1010, 3310, 7610, 12_910, 18_210]);
  expect(begun).toEqual(due);
});

test('every wait has a number of its own', async () => {
  const { clock, reconnection, due } = losing(true, 0, [0.5, 0.25, 0]);
  reconnection.begin();
  await clock.pass(8000);
  // 1000 + 250; 2000 − 250; 4000.
  expect(due).toEqual([1250, 3000, 7000]);
});

test('the last of the attempts is the end', async () => {
  const { clock, reconnection, due, isGivenUp } = losing({ jitter: 0, attempts: 2 }, 100);
  reconnection.begin();
  await clock.pass(3099);
  expect(isGivenUp()).toBe(false);
  await clock.pass(60_000);
  expect([due, isGivenUp()]).toEqual([[1000, 3100], true]);
});

test('who is back knows how long it took, and begins anew after the next loss', async () => {
  const { clock, reconnection, due } = losing({ jitter: 0 }, 2000);
  await clock.pass(500);
  reconnection.begin();
  // Due at 1500, failed at 3500, due again at 5500; joined 100 ms after that.
  await clock.pass(5100);
  expect(reconnection.joined()).toEqual({ attempts: 2, awayMs: 5100 });
  reconnection.stop();
  due.length = 0;
  reconnection.begin();
  await clock.pass(1000);
  expect(due).toEqual([6600]);
});

test('once stopped nothing is tried', async () => {
  const { clock, reconnection, due } = losing({ jitter: 0 }, 100);
  reconnection.begin();
  await clock.pass(999);
  reconnection.stop();
  await clock.pass(60_000);
  expect(due).toEqual([]);
});
