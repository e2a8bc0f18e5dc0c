/** Fan-out whose events the service makes itself: nobody knows what there was to deliver, all else is found as it was planted. */
import { describe, expect, test } from 'vitest';
import { clean, runFanOut, socketIoRoles, webSocketRoles, type Roles } from '../support/fan-out-run.ts';
import type { PlantedRooms } from '../support/planted-rooms.ts';

/** Without those of a publisher. */
function listening({ connectPublisher: _, publish: __, ...roles }: Roles, message: string): Roles {
  return { ...roles, receive: `(message) => { const said = ${message}; return said?.source && { ...said }; }` };
}

/** Two jobs in each of three rooms, a hundred events of each in a second, from when all twelve have joined. */
async function tellWhenJoined(rooms: PlantedRooms): Promise<void> {
  await expect.poll(() => rooms.counts.joined, { timeout: 20_000, interval: 20 }).toBe(12);
  for (let round = 0; round < 50; round++) {
    for (let room = 0; room < 3; room++) {
      rooms.tell(room, 'quantise');
      rooms.tell(room, 'prune');
    }
    await new Promise((wake) => setTimeout(wake, 10));
  }
}

describe.each([
  ['WebSockets', listening(webSocketRoles, 'message.json()')],
  ['Socket.IO', listening(socketIoRoles, 'message.args[0]')],
])('over %s, by two workers', (_, roles) => {
  const setting = { roles, args: ['--workers', '2'], meanwhile: tellWhenJoined };

  test('a healthy server: every event is known, and none is owed', async () => {
    const { code, rooms, result } = await runFanOut({}, setting);
    expect(rooms.counts).toMatchObject({ published: 300, sent: 1200 });
    expect(result.delivery).toMatchObject({
      ...clean,
      foreign: 1200,
      received: 1200,
      published: 0,
      owed: 0,
      reach: null,
    });
    expect(result.failures).toEqual([]);
    expect([0, 3]).toContain(code);
  });

  test('duplicates, swaps, and events in a wrong room are found as planted', async () => {
    const thresholds =
      "thresholds: ['delivery.leaked == 0', 'delivery.duplicated == 0', 'delivery.reordered == 0', 'delivery.lost == 0'],";
    const { code, rooms, result } = await runFanOut(
      {
        duplicate: { subscriber: 1, every: 9 },
        // Each of two jobs has every other number of the room.
        swap: { subscriber: 2, every: 8 },
        leak: { room: 0, subscriber: 4, every: 7 },
      },
      { ...setting, options: thresholds },
    );
    const { sent, duplicated, leaked, reordered } = rooms.counts;
    expect({ sent, duplicated, leaked, reordered }).toEqual({ sent: 1211, duplicated: 11, leaked: 14, reordered: 0 });
    expect(result.delivery).toMatchObject({ ...clean, duplicated, leaked, foreign: 1200, received: sent + leaked });
    expect([1, 3]).toContain(code);
    const failed = ['delivery.leaked == 0', 'delivery.duplicated == 0'];
    expect(result.thresholds.filter(({ ok }) => !ok).map(({ expression }) => expression)).toEqual(failed);
  });
});

test('events of one source that change places are out of order, each pair once', async () => {
  const roles = listening(webSocketRoles, 'message.json()');
  const { rooms, result } = await runFanOut(
    { swap: { subscriber: 2, every: 8 } },
    {
      roles,
      meanwhile: async (planted) => {
        await expect.poll(() => planted.counts.joined, { timeout: 20_000 }).toBe(12);
        for (let round = 0; round < 100; round++) planted.tell(2, 'quantise');
      },
    },
  );
  expect(rooms.counts).toMatchObject({ swapped: 12, reordered: 12 });
  expect(result.delivery).toMatchObject({ ...clean, reordered: 12, foreign: 400, received: 400 });
});
