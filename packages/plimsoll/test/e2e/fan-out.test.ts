/** Fan-out through the whole tool, against a server whose faults were planted: the count planted is the count found. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DeliveryResult, TestResult } from '../../src/model/result.ts';
import { Project, type Finished } from '../support/cli.ts';
import { PlantedRooms, type PlantedFaults } from '../support/planted-rooms.ts';

let project: Project;
let rooms: PlantedRooms;

beforeEach(() => {
  project = new Project();
});
afterEach(async () => {
  project.remove();
  await rooms.close();
});

const roles = `
  connect: ({ ws }) => ws.connect('/'),
  join: async ({ socket, room, subscriber }) => {
    socket.sendJson({ join: room, subscriber: subscriber.index });
    await socket.next((message) => message.json().joined === room);
  },
  connectPublisher: ({ ws }) => ws.connect('/'),
  publish: ({ socket, room, stamp }) => socket.sendJson({ publish: room, stamp }),
  receive: (message) => message.json().stamp,`;

interface Setting {
  readonly options?: string;
  readonly roles?: string;
  readonly args?: readonly string[];
}

async function run(faults: PlantedFaults, setting: Setting = {}): Promise<Finished & { result: TestResult }> {
  rooms = new PlantedRooms(faults);
  const url = await rooms.listen();
  project.write(
    'a.load.ts',
    `import { fanOut } from 'plimsoll';
    fanOut('news', { subscribers: 12, rooms: 3, publishers: 3, rate: 300, duration: '1s', spacing: 'constant', drain: '1200ms',
      gracefulStop: '5s', ${setting.options ?? ''} }, { ${setting.roles ?? roles} });`,
  );
  const finished = await project.plimsoll('run', '--target', url, ...(setting.args ?? []));
  return { ...finished, result: project.lastResult().tests[0]! };
}

function delivery({ delivery: found, books }: TestResult): DeliveryResult {
  expect(books).toMatchObject({ balanced: true, breaches: [] });
  return found!;
}

const clean = { lost: 0, duplicated: 0, reordered: 0, late: 0, leaked: 0, unknown: 0, missed: 0, ambiguous: 0 };

describe.each([
  ['one worker', []],
  ['three workers', ['--workers', '3']],
  ['sentinels in a worker of their own', ['--workers', '2', 'sentinels']],
])('%s', (_, [...words]) => {
  const isWatched = words.at(-1) === 'sentinels';
  const args = words.filter((word) => word !== 'sentinels');
  const options = isWatched ? 'sentinels: 3,' : '';

  test('a healthy server: all that was published reached all, and nothing is reported', async () => {
    const { code, result } = await run({}, { args, options: `${options} thresholds: ['delivery.lost == 0'],` });
    const found = delivery(result);
    expect(found).toMatchObject({ ...clean, published: 300, owed: 1200, delivered: 1200, reach: 1, troubled: 0 });
    expect([found.incidents, found.received]).toEqual([[], rooms.counts.sent]);
    expect(found.sentinels?.latency.count).toBe(isWatched ? 300 : undefined);
    // A busy machine may make the measurement invalid; nothing else can fail.
    expect([0, 3]).toContain(code);
    expect(result.failures).toEqual([]);
  });

  test('drops, duplicates, swaps, and messages in a wrong room, all at once', async () => {
    const { code, result } = await run(
      {
        drop: { subscriber: 0, every: 10 },
        duplicate: { subscriber: 1, every: 9 },
        swap: { subscriber: 2, every: 8 },
        leak: { room: 0, subscriber: 4, every: 7 },
      },
      { args, options },
    );
    const { dropped, duplicated, swapped, leaked } = rooms.counts;
    // 100 messages a room: the counts are those of the plan, and of the server.
    expect({ dropped, duplicated, swapped, leaked }).toEqual({ dropped: 10, duplicated: 11, swapped: 12, leaked: 14 });
    const found = delivery(result);
    // The subscriber whose messages are swapped has them from three publishers or one; the order is each publisher's own.
    expect(found).toMatchObject({
      ...clean,
      lost: 10,
      duplicated: 11,
      leaked: 14,
      owed: 1200,
      reordered: found.reordered,
    });
    expect(found.subscribers.find(({ subscriber }) => subscriber === 0)).toMatchObject({ lost: 10 });
    expect(found.subscribers.find(({ subscriber }) => subscriber === 4)).toMatchObject({ leaked: 14 });
    expect(found.rooms[0]).toMatchObject({ room: 0, lost: 10, leaked: 14, published: 100 });
    expect([1, 3]).toContain(code);
    expect(result.failures).toContain('threshold not held: delivery.leaked == 0');
  });
});

test('swapped messages of one publisher are out of order, each pair once', async () => {
  const { result } = await run({ swap: { subscriber: 2, every: 8 } }, { options: 'publishers: 1,' });
  expect(rooms.counts.swapped).toBe(12);
  expect(delivery(result)).toMatchObject({ ...clean, reordered: 12, delivered: 1200 });
});

test('a room whose messages are held back for 250 ms shows it, and the others do not', async () => {
  const { result } = await run({ delay: { room: 1, byMs: 250 } });
  const found = delivery(result);
  expect(found).toMatchObject({ ...clean, delivered: 1200 });
  const p50 = (room: number): number => found.rooms.find((each) => each.room === room)!.latency.p50!;
  expect(p50(1)).toBeGreaterThanOrEqual(249);
  expect(Math.max(p50(0), p50(2))).toBeLessThan(p50(1) - 100);
});

test('a join that is acknowledged late: until then its messages are ambiguous, and none is lost', async () => {
  // Subscribers 0 and 3, both in room 0, hear of their join 0.6 s or later into the publishing; the others long before it.
  const faults = { lateJoin: { subscribers: [0, 3], byMs: 2100 } };
  const { result } = await run(faults, { options: "guard: '100ms', settle: '1500ms', connectOver: 0," });
  const found = delivery(result);
  expect(found).toMatchObject({ ...clean, ambiguous: found.ambiguous, delivered: found.owed });
  expect(found.ambiguousReceived).toBe(found.ambiguous);
  expect(found.owed + found.ambiguous).toBe(1200);
  // 100 a second in the room, for 0.6 s and the guard or longer, and for two of them; at most all of theirs.
  expect(found.ambiguous).toBeGreaterThan(100);
  expect(found.ambiguous).toBeLessThanOrEqual(200);
});

test('messages by the service’s own ids, and a publisher that fails now and then', async () => {
  const { result } = await run(
    {},
    {
      options: "thresholds: ['exceptions < 100'],",
      roles: roles
        .replace(
          'publish: ({ socket, room, stamp }) => socket.sendJson({ publish: room, stamp })',
          `publish: ({ socket, room, stamp, iteration }) => {
            if (iteration.index % 10 === 9) throw new Error('not now');
            socket.sendJson({ publish: room, stamp: 'own' + iteration.index });
            return 'own' + iteration.index;
          }`,
        )
        .replace('message.json().stamp', 'message.json().stamp ? { id: message.json().stamp } : undefined'),
    },
  );
  expect(delivery(result)).toMatchObject({ ...clean, published: 270, unpublished: 30, owed: 1080, delivered: 1080 });
  expect(result.exceptions).toMatchObject([{ message: 'not now', count: 30 }]);
});

describe('a storm', () => {
  test.each(['reset', 'close', 'silence'] as const)(
    'a third of them cut by %s: all come back, and what they missed is told',
    async (how) => {
      const { result } = await run(
        {},
        {
          options: `guard: '100ms', rate: 225, duration: '2s', storm: { at: '300ms', cut: '33.4%', how: '${how}' }, reconnect: { delay: '400ms', jitter: 0 },`,
        },
      );
      const found = delivery(result);
      expect(found.recovery).toMatchObject({ gone: 4, back: 4, attempts: 4 });
      expect(found.recovery!.p50Ms).toBeGreaterThanOrEqual(400);
      expect(found.recovery!.allMs).toBeLessThan(2000);
      expect(found.missed).toBeGreaterThan(0);
      expect(found).toMatchObject({ lost: 0, duplicated: 0, leaked: 0, unknown: 0 });
      // Each message is owed, ambiguous or missed by each of its room's four.
      expect(found.owed + found.ambiguous + found.missed).toBe(450 * 4);
      expect(rooms.counts.joined).toBe(16);
    },
  );
});

describe('what a user writes wrong', () => {
  test.each([
    ['subscribers: 0', "fan-out 'news': subscribers is 0, expected a whole number from 1"],
    ['rooms: 2, joins: () => [2]', "fan-out 'news': joins gives room 2; the rooms are 0 to 1"],
    ["drain: '100ms'", "fan-out 'news': the drain of 100 ms is not longer than the guard of 500 ms"],
    [
      "storm: { at: '9s', cut: 0.5 }",
      "fan-out 'news': the storm comes after 9000 ms, and the test is over after 2000 ms",
    ],
    ["storm: { at: '1s', cut: '300%' }", "fan-out 'news': storm.cut is 3, expected a share from 0 to 1"],
    ['sentinels: 13', "fan-out 'news': there are 13 sentinels of 12 subscribers"],
    ['rate: undefined', "fan-out 'news': it has publishers, and no rate"],
  ])('%s', async (options, sentence) => {
    rooms = new PlantedRooms();
    const url = await rooms.listen();
    project.write(
      'a.load.ts',
      `import { fanOut } from 'plimsoll';
      fanOut('news', { subscribers: 12, rooms: 3, rate: 150, duration: '2s', ${options} }, { ${roles} });`,
    );
    const { code, stderr } = await project.plimsoll('run', '--target', url);
    expect([code, stderr]).toEqual([2, expect.stringContaining(sentence)]);
    expect(stderr).not.toContain('at fanOut');
  });
});

test('a connect that gives no socket is told, with the line of its fan-out', async () => {
  const unreturned = roles.replace("({ ws }) => ws.connect('/')", "async ({ ws }) => { await ws.connect('/'); }");
  const { code, result } = await run({}, { roles: unreturned });
  expect(code).not.toBe(0);
  const message = expect.stringMatching(
    /^the role 'connect' of fan-out 'news' gave undefined, expected a socket/,
  ) as string;
  const place = expect.stringMatching(/^a\.load\.ts:2:/) as string;
  expect(result.exceptions).toMatchObject([{ message, place, count: 12 }]);
});

test('rooms of subscribers that the command line adds are looked at before anybody connects', async () => {
  const joins = 'joins: (subscriber) => [subscriber < 12 ? 0 : 3],';
  const { code, result } = await run({}, { options: joins, args: ['--vus', '13'] });
  expect(code).toBe(1);
  expect(result.failures.join()).toContain("fan-out 'news': joins gives room 3; the rooms are 0 to 2 (a.load.ts:2:");
  expect(rooms.counts.joined).toBe(0);
});
