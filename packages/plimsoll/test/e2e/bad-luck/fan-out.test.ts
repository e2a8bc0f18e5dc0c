/** A fan-out in which something breaks: a worker, the user's patience, a connection. What the rest had stays in the books. */
import { describe, expect, test } from 'vitest';
import { clean, deliveryOf, runFanOut, webSocketRoles } from '../../support/fan-out-run.ts';

test('a worker stuck in `receive` is named, and the books of the others balance', { timeout: 90_000 }, async () => {
  const receive = `(message, { subscriber }) => {
    const { stamp } = message.json();
    // Of the second of two workers, half a second into the publishing.
    if (subscriber.index === 1 && (globalThis.heard = (globalThis.heard ?? 0) + 1) > 50) for (;;);
    return stamp;
  }`;
  const roles = { ...webSocketRoles, receive };
  const { code, rooms, result } = await runFanOut({}, { roles, args: ['--workers', '2'], options: "duration: '3s'," });
  expect([code, result.verdict]).toEqual([3, 'invalid']);
  const lost = result.validity.reasons.find((reason) => reason.code === 'worker-lost');
  expect(lost?.message).toMatch(/^worker 1 was stuck .* endless loop$/);
  const found = result.delivery!;
  // What is owed to the subscribers of the living worker they have; of the lost one only what it had told.
  expect(found).toMatchObject({ lost: 0, duplicated: 0, leaked: 0, owed: found.delivered });
  expect(found.delivered).toBeGreaterThan(rooms.counts.published);
  expect(found.published).toBeLessThanOrEqual(rooms.counts.published);
});

describe.each([1, 2])('Ctrl-C, with %i workers', (workers) => {
  test('exit 130, and nothing is called lost that could still have come', async () => {
    const delay = { room: 1, byMs: 300 };
    const { code, rooms, result } = await runFanOut(
      { delay },
      {
        args: ['--workers', String(workers)],
        options: "duration: '60s', drain: '5s',",
        meanwhile: async ({ counts }, { child }) => {
          await expect.poll(() => counts.published, { timeout: 20_000, interval: 20 }).toBeGreaterThan(300);
          child.kill('SIGINT');
        },
      },
    );
    expect([code, result.verdict, result.stopped]).toEqual([130, 'interrupted', 'interrupted']);
    const found = result.delivery!;
    expect(found).toMatchObject({ lost: 0, duplicated: 0, reordered: 0, late: 0, leaked: 0, unknown: 0, missed: 0 });
    expect(found.published).toBe(rooms.counts.published);
    expect(found.delivered).toBe(found.owed);
    expect(found.delivered).toBeGreaterThan(500);
  });
});

test('a connection that the server closes is away to the end, which fails where nothing was said of it', async () => {
  const run = await runFanOut({ ends: [{ subscriber: 7, at: 34, how: 'close' }] }, { options: "guard: '100ms'," });
  const found = deliveryOf(run);
  expect(run.rooms.counts.joined).toBe(12);
  expect(found).toMatchObject({ ...clean, missed: found.missed, ambiguous: found.ambiguous });
  expect(found.missed).toBeGreaterThan(20);
  expect(found.owed + found.ambiguous + found.missed).toBe(4 * found.published);
  expect(run.result.failures).toContain('threshold not held: delivery.missed == 0');
});
