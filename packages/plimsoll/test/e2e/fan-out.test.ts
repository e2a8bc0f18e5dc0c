/** Fan-out through the whole tool, against a server whose faults were planted: the count planted is the count found. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { Project } from '../support/cli.ts';
import {
  clean,
  deliveryOf,
  expectNoFailure,
  medianMs,
  rolesText,
  runFanOut,
  socketIoRoles,
  webSocketRoles,
  type FanOutRun,
} from '../support/fan-out-run.ts';
import { PlantedRooms } from '../support/planted-rooms.ts';

/** Each message goes to the four of its room. */
const toFour = ({ rooms }: FanOutRun): number => 4 * rooms.counts.published;

/** Each subscriber tells which thread it is in. */
const tellingRoles = {
  ...webSocketRoles,
  connect: `({ ws, subscriber }) => {
    console.log('subscriber', subscriber.index, 'thread', process.getBuiltinModule('node:worker_threads').threadId);
    return ws.connect('/');
  }`,
};

/** By the number of the subscriber. */
function threadsOf({ stdout, stderr }: FanOutRun): readonly number[] {
  const threads: number[] = [];
  for (const [, index, thread] of (stdout + stderr).matchAll(/subscriber (\d+) thread (\d+)/g)) {
    threads[Number(index)] = Number(thread);
  }
  return threads;
}

describe.each([
  ['one worker', []],
  ['three workers', ['--workers', '3']],
  ['sentinels in a worker of their own', ['--workers', '2', 'sentinels']],
])('%s', (_, [...words]) => {
  const isWatched = words.at(-1) === 'sentinels';
  const args = words.filter((word) => word !== 'sentinels');
  const options = isWatched ? 'sentinels: 3,' : '';

  test('a healthy server: all that was published reached all, and nothing is reported', async () => {
    const setting = { args, options: `${options} thresholds: ['delivery.lost == 0'],`, roles: tellingRoles };
    const run = await runFanOut({}, setting);
    const found = deliveryOf(run);
    expect(found).toMatchObject({ ...clean, owed: toFour(run), delivered: toFour(run), reach: 1, troubled: 0 });
    expect([found.incidents, found.received]).toEqual([[], run.rooms.counts.sent]);
    expect(found.sentinels?.latency.count).toBe(isWatched ? run.rooms.counts.published : undefined);
    expectNoFailure(run);
    const threads = threadsOf(run);
    expect(Object.keys(threads)).toHaveLength(12);
    if (!isWatched) return;
    expect(new Set(threads.slice(0, 3)).size).toBe(1);
    expect(threads.slice(3)).not.toContain(threads[0]);
  });

  test('drops, duplicates, swaps, and messages in a wrong room, all at once', async () => {
    const run = await runFanOut(
      {
        drop: { subscriber: 0, every: 10 },
        duplicate: { subscriber: 1, every: 9 },
        swap: { subscriber: 2, every: 8 },
        leak: { room: 0, subscriber: 4, every: 7 },
      },
      { args, options },
    );
    const { dropped, duplicated, swapped, leaked, reordered } = run.rooms.counts;
    // Of 100 messages a room.
    expect(Math.min(dropped, duplicated, swapped, leaked)).toBeGreaterThanOrEqual(9);
    const found = deliveryOf(run);
    // The order is each publisher's own: of the swapped pairs the server has counted those of one publisher.
    expect(found).toMatchObject({ ...clean, lost: dropped, duplicated, leaked, reordered, owed: toFour(run) });
    expect(found.subscribers.find(({ subscriber }) => subscriber === 0)).toMatchObject({ lost: dropped });
    expect(found.subscribers.find(({ subscriber }) => subscriber === 4)).toMatchObject({ leaked });
    expect(found.rooms[0]).toMatchObject({ room: 0, lost: dropped, leaked });
    expect([1, 3]).toContain(run.code);
    expect(run.result.failures).toContain('threshold not held: delivery.leaked == 0');
  });
});

test('swapped messages of one publisher are out of order, each pair once', async () => {
  const run = await runFanOut({ swap: { subscriber: 2, every: 8 } }, { options: 'publishers: 1,' });
  const { swapped, reordered } = run.rooms.counts;
  expect(swapped).toBeGreaterThanOrEqual(9);
  expect(reordered).toBe(swapped);
  expect(deliveryOf(run)).toMatchObject({ ...clean, reordered, delivered: toFour(run) });
});

describe.each([
  ['one worker', []],
  ['two workers', ['--workers', '2']],
])('in time, with %s', (_, args) => {
  test('a room held back for 250 ms shows it; a join acknowledged late leaves what came before it ambiguous', async () => {
    // Subscribers 0 and 3, both in room 0, hear of their join 0.6 s or later into the publishing; the others long before it.
    const faults = { delay: { room: 1, byMs: 250 }, lateJoin: { subscribers: [0, 3], byMs: 2100 } };
    const run = await runFanOut(faults, { args, options: "guard: '100ms', settle: '1500ms', connectOver: 0," });
    const found = deliveryOf(run);
    expect(found).toMatchObject({ ...clean, ambiguous: found.ambiguous, delivered: found.owed });
    expect(found.ambiguousReceived).toBe(found.ambiguous);
    expect(found.owed + found.ambiguous).toBe(toFour(run));
    // 100 a second in the room, for 0.6 s and the guard or longer, and for two of them; at most all of theirs.
    expect(found.ambiguous).toBeGreaterThan(100);
    expect(found.ambiguous).toBeLessThanOrEqual(200);
    expect(medianMs(found, 1)).toBeGreaterThanOrEqual(249);
    expect(Math.max(medianMs(found, 0), medianMs(found, 2))).toBeLessThan(medianMs(found, 1) - 100);
  });

  test('what comes behind the drain is late, and lost', async () => {
    const late = { subscriber: 3, every: 10, upTo: 50, byMs: 900 };
    const run = await runFanOut({ late }, { args, options: "guard: '200ms', drain: '600ms'," });
    expect(run.rooms.counts.late).toBe(5);
    const found = deliveryOf(run);
    // Those that overtook them are in order: what is late counts as lost.
    expect(found).toMatchObject({ ...clean, late: 5, lost: 5, owed: toFour(run), delivered: toFour(run) - 5 });
    expect(found.received).toBe(run.rooms.counts.sent);
    expect(found.subscribers).toMatchObject([{ subscriber: 3, lost: 5 }]);
    for (const kind of ['late', 'lost']) {
      const told = found.incidents.filter((each) => each.kind === kind);
      expect(told).toEqual(Array(5).fill(expect.objectContaining({ subscriber: 3, room: 0 })));
    }
  });
});

test('one subscriber that hears everything 80 ms after the others is the skew, and is judged', async () => {
  const options = "rooms: 1, thresholds: ['skew.p50 < 50ms', 'skew.p95 < 2s'],";
  const run = await runFanOut({ lag: { subscriber: 5, byMs: 80 } }, { options });
  const found = deliveryOf(run);
  expect(found).toMatchObject({ ...clean, owed: 3 * toFour(run), delivered: 3 * toFour(run) });
  expect(found.observer.skewOf).toBe('all');
  expect(found.perMessage.skew.p50).toBeGreaterThanOrEqual(79);
  const judged = run.result.thresholds.map(({ expression, ok, value }) => ({ expression, ok, value }));
  expect(judged).toContainEqual({ expression: 'skew.p50 < 50ms', ok: false, value: found.perMessage.skew.p50 });
  expect(judged).toContainEqual({ expression: 'skew.p95 < 2s', ok: true, value: found.perMessage.skew.p95 });
  expect(run.result.failures).toContain('threshold not held: skew.p50 < 50ms');
});

test('messages by the service’s own ids, and a publisher that fails now and then', async () => {
  const run = await runFanOut(
    {},
    {
      options: "thresholds: ['exceptions < 100'],",
      roles: {
        ...webSocketRoles,
        publish: `({ socket, room, iteration }) => {
          if (iteration.index % 10 === 9) throw new Error('not now');
          const id = 'own' + iteration.index;
          socket.sendJson({ publish: room, stamp: id });
          return id;
        }`,
        receive: '(message) => { const id = message.json().stamp; return id && { id }; }',
      },
    },
  );
  expect(deliveryOf(run)).toMatchObject({ ...clean, owed: toFour(run), delivered: toFour(run) });
  expect(run.result.exceptions).toMatchObject([{ message: 'not now', count: run.result.delivery!.unpublished }]);
  expect(run.result.delivery!.unpublished).toBeGreaterThan(20);
});

test.each([
  ['its stamp', '', 'undefined'],
  ["the service's own id", 'own', 'own + stamp'],
])(
  'messages by %s whose publishers are answered long after the drain are in the books as any others',
  async (_, own, gives) => {
    const run = await runFanOut(
      { drop: { subscriber: 0, every: 2 }, leak: { room: 0, subscriber: 4, every: 5 } },
      {
        options: "publishers: 30, rate: 30, gracefulStop: '8s',",
        roles: {
          ...webSocketRoles,
          publish: `async ({ socket, room, stamp, sleep }) => {
          const own = '${own}';
          socket.sendJson({ publish: room, stamp: own + stamp });
          await sleep('4s');
          return ${gives};
        }`,
          receive: `(message) => {
          const { stamp } = message.json();
          return stamp?.startsWith('own') ? { id: stamp } : stamp;
        }`,
        },
      },
    );
    const { dropped, leaked, published, sent } = run.rooms.counts;
    const found = run.result.delivery!;
    expect(Math.min(dropped, leaked)).toBeGreaterThanOrEqual(2);
    expect(found).toMatchObject({
      ...clean,
      published,
      lost: dropped,
      leaked,
      owed: toFour(run),
      received: sent + leaked,
    });
  },
);

describe('a storm', () => {
  test.each([
    ['reset', 'WebSockets', webSocketRoles, '3'],
    ['close', 'Socket.IO', socketIoRoles, '3'],
    ['silence', 'WebSockets', webSocketRoles, '1'],
  ] as const)(
    'a third of them cut by %s over %s: all come back, and what they missed is told',
    async (how, _, roles, workers) => {
      const run = await runFanOut(
        {},
        {
          roles,
          args: ['--workers', workers],
          options: `thresholds: ['recovery.back >= 100%', 'recovery.max < 2s'], guard: '100ms', rate: 225, duration: '2s', storm: { at: '300ms', cut: '33.4%', how: '${how}' }, reconnect: { delay: '400ms', jitter: 0 },`,
        },
      );
      const found = deliveryOf(run);
      // Of the whole, not of each worker's part.
      expect(found.recovery).toMatchObject({ gone: 4, back: 4, attempts: 4 });
      expect(found.recovery!.p50Ms).toBeGreaterThanOrEqual(400);
      expect(found.recovery!.allMs).toBeLessThan(2000);
      const [back, longest] = run.result.thresholds;
      expect([back!.ok, back!.value, longest!.ok]).toEqual([true, 1, true]);
      expect(Math.abs(longest!.value! / found.recovery!.allMs! - 1)).toBeLessThan(0.001);
      expect(found.missed).toBeGreaterThan(0);
      expect(found).toMatchObject({ lost: 0, duplicated: 0, leaked: 0, unknown: 0 });
      // Each message is owed, ambiguous or missed by each of its room's four.
      expect(found.owed + found.ambiguous + found.missed).toBe(toFour(run));
      expect(run.rooms.counts.joined).toBe(16);
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
    const rooms = new PlantedRooms();
    const project = new Project();
    onTestFinished(async () => {
      project.remove();
      await rooms.close();
    });
    const url = await rooms.listen();
    project.write(
      'a.load.ts',
      `import { fanOut } from 'plimsoll';
      fanOut('news', { subscribers: 12, rooms: 3, rate: 150, duration: '2s', ${options} }, { ${rolesText(webSocketRoles)} });`,
    );
    const { code, stderr } = await project.plimsoll('run', '--target', url);
    expect([code, stderr]).toEqual([2, expect.stringContaining(sentence)]);
    expect(stderr).not.toContain('at fanOut');
  });
});

test('a connect that gives no socket is told, with the line of its fan-out', async () => {
  const connect = "async ({ ws }) => { await ws.connect('/'); }";
  const { code, result } = await runFanOut({}, { roles: { ...webSocketRoles, connect } });
  expect(code).not.toBe(0);
  const message = expect.stringMatching(
    /^the role 'connect' of fan-out 'news' gave undefined, expected a socket/,
  ) as string;
  const place = expect.stringMatching(/^a\.load\.ts:2:/) as string;
  expect(result.exceptions).toMatchObject([{ message, place, count: 12 }]);
});

test('rooms of subscribers that the command line adds are looked at before anybody connects', async () => {
  const joins = 'joins: (subscriber) => [subscriber < 12 ? 0 : 3],';
  const { code, result, rooms } = await runFanOut({}, { options: joins, args: ['--vus', '13'] });
  expect(code).toBe(1);
  expect(result.failures.join()).toContain("fan-out 'news': joins gives room 3; the rooms are 0 to 2 (a.load.ts:2:");
  expect(rooms.counts.joined).toBe(0);
});
