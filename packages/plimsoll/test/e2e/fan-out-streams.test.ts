/** A fan-out whose subscribers listen by server-sent events, and whose messages are published by HTTP. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DeliveryResult } from '../../src/model/result.ts';
import { Project } from '../support/cli.ts';
import { StreamRooms, type StreamFaults } from '../support/stream-rooms.ts';

let project: Project;
let rooms: StreamRooms;

beforeEach(() => {
  project = new Project();
});
afterEach(async () => {
  project.remove();
  await rooms.close();
});

async function run(faults: StreamFaults, options: string, args: readonly string[]): Promise<DeliveryResult> {
  rooms = new StreamRooms(faults);
  project.write(
    'a.load.ts',
    `import { fanOut } from 'plimsoll';
    fanOut('news', { subscribers: 9, rooms: 3, publishers: 2, rate: 90, duration: '1s', spacing: 'constant', ${options} }, {
      connect: ({ sse, subscriber }) => sse.connect('/rooms/{room}', { path: { room: subscriber.index % 3 } }),
      publish: async ({ http, room, stamp }) => {
        (await http.post('/rooms/{room}', { path: { room }, json: { stamp } })).orThrow();
      },
      receive: (event) => event.json<{ stamp: string }>().stamp,
    });`,
  );
  await project.plimsoll('run', '--target', await rooms.listen(), ...args);
  const { delivery, books, exceptions, sockets } = project.lastResult().tests[0]!;
  expect(exceptions).toEqual([]);
  expect(books).toMatchObject({ balanced: true, breaches: [] });
  expect(sockets).toMatchObject({ eventStreams: rooms.counts.opened, opened: rooms.counts.opened });
  return delivery!;
}

const clean = { lost: 0, duplicated: 0, reordered: 0, late: 0, leaked: 0, unknown: 0, missed: 0 };

test.each([1, 2])(
  'what the server sent is what was delivered, what it dropped is lost, with %i workers',
  async (workers) => {
    const found = await run({ drop: { room: '1', every: 6 } }, "drain: '1s',", ['--workers', String(workers)]);
    const { published, sent, dropped } = rooms.counts;
    expect(dropped).toBe(Math.floor(published / 3 / 6));
    expect(found).toMatchObject({ ...clean, published, owed: 3 * published, delivered: sent, lost: dropped });
    expect(found.rooms.find(({ room }) => room === 1)).toMatchObject({ lost: dropped });
  },
);

test('a storm: streams that were cut come back, and what they missed is told', async () => {
  const storm =
    "guard: '100ms', drain: '1s', storm: { at: '300ms', cut: 0.34 }, reconnect: { delay: '200ms', jitter: 0 },";
  const found = await run({}, storm, []);
  expect(found.recovery).toMatchObject({ gone: 3, back: 3 });
  expect(found.missed).toBeGreaterThan(0);
  expect(found).toMatchObject({ ...clean, missed: found.missed, delivered: found.owed });
  expect(rooms.counts.opened).toBe(12);
});
