import { expect, test } from 'vitest';
import type { TestContext } from '../../../model/suite.ts';
import type { FanOutField } from './field.ts';
import { SubscriberLife } from './subscriber-life.ts';

test('a subscriber due at this very moment connects, though time goes on between two looks at the clock', async () => {
  const slept: number[] = [];
  const context = {
    sleep: (ms: number) => {
      slept.push(ms);
      return Promise.resolve();
    },
  };
  let now = 99;
  let connected = 0;
  const field = {
    plan: { subscribers: 2, rooms: 1, connectOverMs: 200, settleMs: 0, durationMs: 1000, drainMs: 0 },
    roles: { connect: () => Promise.resolve({ ok: false, at: ++connected }) },
    joins: () => [0],
    // Due at 100: it is 99.5 at the first look, and 100.5 at the second.
    clock: { now: () => (now += 1) - 0.5 },
    seed: 1,
    life: { over: false },
    startMs: 0,
  } as unknown as FanOutField;
  await new SubscriberLife(field, context as unknown as TestContext, 1).run();
  expect(slept).toEqual([0.5]);
  expect(connected).toBe(1);
});
