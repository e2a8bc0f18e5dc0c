/** A fan-out whose subscribers listen by server-sent events, and whose messages are published by HTTP. */
import { expect, test } from 'vitest';
import {
  clean,
  deliveryOf,
  medianMs,
  runFanOut,
  streamRoles,
  troubledIn,
  type FanOutRun,
} from '../support/fan-out-run.ts';

/** Every stream that the server opened is in the books, and no other. */
function expectStreams({ rooms, result }: FanOutRun, opened: number): void {
  expect(rooms.opened).toEqual({ webSockets: 0, ioSockets: 0, streams: opened });
  expect(result.sockets).toMatchObject({ eventStreams: opened, opened, refused: 0 });
  expect(result.exceptions).toEqual([]);
}

test.each([1, 2])(
  'drops, duplicates, swaps, leaks and a room held back are found as planted, with %i workers',
  async (workers) => {
    const run = await runFanOut(
      {
        drop: { subscriber: 4, every: 6 },
        duplicate: { subscriber: 0, every: 7 },
        swap: { subscriber: 5, every: 8, upTo: 80 },
        leak: { room: 0, subscriber: 8, every: 9 },
        delay: { room: 1, byMs: 250 },
      },
      {
        roles: streamRoles,
        args: ['--workers', String(workers)],
        options: "publishers: 1, rate: 200, duration: '1500ms',",
      },
    );
    expectStreams(run, 12);
    const { published, sent, dropped, duplicated, swapped, reordered, leaked } = run.rooms.counts;
    expect(Math.min(dropped, duplicated, swapped, leaked)).toBeGreaterThanOrEqual(9);
    expect(reordered).toBe(swapped);
    const found = deliveryOf(run);
    const owed = 4 * published;
    expect(found).toMatchObject({ ...clean, lost: dropped, duplicated, reordered, leaked });
    expect(found).toMatchObject({ owed, delivered: owed - dropped, received: sent + leaked });
    expect(troubledIn(found)).toMatchObject([
      { subscriber: 0, duplicated },
      { subscriber: 4, lost: dropped },
      { subscriber: 5, reordered },
      { subscriber: 8, leaked },
    ]);
    expect(medianMs(found, 1)).toBeGreaterThanOrEqual(249);
    expect(Math.max(medianMs(found, 0), medianMs(found, 2))).toBeLessThan(medianMs(found, 1) - 100);
  },
);

test('a storm: streams that were cut come back, and what they missed is told', async () => {
  const storm = "guard: '100ms', storm: { at: '300ms', cut: 0.34 }, reconnect: { delay: '200ms', jitter: 0 },";
  const run = await runFanOut({}, { roles: streamRoles, options: storm });
  expectStreams(run, 16);
  const found = deliveryOf(run);
  expect(found.recovery).toMatchObject({ gone: 4, back: 4 });
  expect(found.missed).toBeGreaterThan(0);
  const { missed, ambiguous } = found;
  expect(found).toMatchObject({ ...clean, missed, ambiguous, delivered: found.owed });
});
