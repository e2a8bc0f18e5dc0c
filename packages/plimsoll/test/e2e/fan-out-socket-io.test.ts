/** Fan-out over Socket.IO: all rooms of a subscriber joined at once, and the count planted is the count found. */
import { describe, expect, test } from 'vitest';
import {
  clean,
  deliveryOf,
  expectNoFailure,
  medianMs,
  runFanOut,
  socketIoRoles,
  troubledIn,
  type FanOutRun,
} from '../support/fan-out-run.ts';

/** Subscriber 4 is in rooms 1 and 2. All have joined long before the first message, on a busy machine, too. */
const options = "joins: (subscriber, rooms) => [subscriber % rooms, (subscriber + 1) % rooms], settle: '2500ms',";

const joinsOf = ({ result }: FanOutRun) => result.series.filter(({ name }) => name === 'join');

describe.each([
  ['two workers', ''],
  ['sentinels in a worker of their own', 'sentinels: 3,'],
])('%s', (_, sentinels) => {
  const setting = { roles: socketIoRoles, args: ['--workers', '2'], options: options + sentinels };

  test('a healthy server: all that was published reached all', async () => {
    const run = await runFanOut({}, setting);
    const found = deliveryOf(run);
    const owed = 8 * run.rooms.counts.published;
    expect(found).toMatchObject({ ...clean, owed, delivered: owed, reach: 1, troubled: 0, incidents: [] });
    // Joins are counted by room; the request that joins them all is one.
    expect(run.rooms.counts.joined).toBe(24);
    expect(joinsOf(run).reduce((sum, { requests }) => sum + requests, 0)).toBe(12);
    expectNoFailure(run);
  });

  test('drops, duplicates, swaps, leaks, a room held back, joins acknowledged late, all at once', async () => {
    const run = await runFanOut(
      {
        drop: { subscriber: 4, every: 10 },
        duplicate: { subscriber: 7, every: 9 },
        swap: { subscriber: 8, every: 8, upTo: 80 },
        leak: { room: 0, subscriber: 10, every: 7 },
        delay: { room: 1, byMs: 250 },
        // Half a second and more into the publishing.
        lateJoin: { subscribers: [0, 3], byMs: 2100 },
      },
      { ...setting, options: `${setting.options} publishers: 1, guard: '100ms', settle: '1500ms', connectOver: 0,` },
    );
    const { published, dropped, duplicated, swapped, reordered, leaked } = run.rooms.counts;
    expect(Math.min(dropped, duplicated, swapped, leaked)).toBeGreaterThanOrEqual(9);
    expect(reordered).toBe(swapped);
    const found = deliveryOf(run);
    const { ambiguous } = found;
    expect(found).toMatchObject({ ...clean, lost: dropped, duplicated, reordered, leaked, ambiguous });
    expect(troubledIn(found)).toMatchObject([
      { subscriber: 4, lost: dropped },
      { subscriber: 7, duplicated },
      { subscriber: 8, reordered },
      { subscriber: 10, leaked },
    ]);
    // Two subscribers in two rooms of 100 messages a second, for 0.6 s and the guard or longer; at most all of theirs.
    expect(ambiguous).toBeGreaterThan(200);
    expect(ambiguous).toBeLessThanOrEqual(400);
    expect([found.ambiguousReceived, found.owed]).toEqual([ambiguous, 8 * published - ambiguous]);
    expect(Math.max(...joinsOf(run).map(({ latency }) => latency.max!))).toBeGreaterThanOrEqual(2099);
    expect(medianMs(found, 1)).toBeGreaterThanOrEqual(249);
    expect(Math.max(medianMs(found, 0), medianMs(found, 2))).toBeLessThan(medianMs(found, 1) - 100);
  });
});
