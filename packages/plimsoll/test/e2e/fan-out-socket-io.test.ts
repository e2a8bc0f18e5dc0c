/** Fan-out over Socket.IO: all rooms of a subscriber joined at once, and the count planted is the count found. */
import { describe, expect, test } from 'vitest';
import { clean, deliveryOf, runFanOut, socketIoRoles } from '../support/fan-out-run.ts';
import type { PlantedCounts, PlantedFaults } from '../support/planted-rooms.ts';

/** Subscriber 4 is in rooms 1 and 2. */
const options = 'joins: (subscriber, rooms) => [subscriber % rooms, (subscriber + 1) % rooms],';

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
    const joins = run.result.series.filter(({ name }) => name === 'join');
    expect(joins.reduce((sum, { requests }) => sum + requests, 0)).toBe(12);
    expect(run.result.failures).toEqual([]);
    expect([0, 3]).toContain(run.code);
  });

  const planted: readonly [
    string,
    PlantedFaults,
    (counts: PlantedCounts) => Partial<Record<keyof typeof clean, number>>,
  ][] = [
    ['drops', { drop: { subscriber: 4, every: 10 } }, ({ dropped }) => ({ lost: dropped })],
    ['duplicates', { duplicate: { subscriber: 4, every: 10 } }, ({ duplicated }) => ({ duplicated: duplicated })],
    ['leaks', { leak: { room: 0, subscriber: 4, every: 10 } }, ({ leaked }) => ({ leaked: leaked })],
  ];
  test.each(planted)('%s', async (_, faults, expected) => {
    const run = await runFanOut(faults, setting);
    const found = deliveryOf(run);
    const wrong = expected(run.rooms.counts);
    expect(Math.max(...Object.values(wrong))).toBeGreaterThanOrEqual(8);
    expect(found).toMatchObject({ ...clean, ...wrong, owed: 8 * run.rooms.counts.published });
    expect(found.subscribers).toMatchObject([{ subscriber: 4, ...wrong }]);
  });
});
