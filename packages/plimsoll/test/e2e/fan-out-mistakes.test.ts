/** Fan-out where the test or the service does what it should not: what was not published, who was not let in, what is no id. */
import { describe, expect, test } from 'vitest';
import type { DeliveryResult, TestResult } from '../../src/model/result.ts';
import { clean, runFanOut, webSocketRoles, type FanOutRun, type Roles } from '../support/fan-out-run.ts';

/** For roles that do as the usual one but in some case: `${join}(given)`. */
const join = `(${webSocketRoles.join})`;

/** Six subscribers in two rooms, and 40 messages in a second. */
async function run(changed: Roles, options = ''): Promise<FanOutRun & { readonly found: DeliveryResult }> {
  const small = `subscribers: 6, rooms: 2, publishers: 1, rate: 40, connectOver: '50ms', guard: '100ms', settle: '300ms',
    drain: '600ms', gracefulStop: '3s', ${options}`;
  const ran = await runFanOut({}, { roles: { ...webSocketRoles, ...changed }, options: small });
  return { ...ran, found: ran.result.delivery! };
}

const healthy = { ...clean, published: 40, unpublished: 0, owed: 120, delivered: 120, unjoined: 0 };
const broken = (result: TestResult): readonly string[] =>
  result.thresholds.filter(({ ok }) => !ok).map(({ expression }) => expression);

describe('publish', () => {
  test('an acknowledgement that is the same for all is told as such, and nothing is lost', async () => {
    const { result, found, stdout } = await run({
      publish: "({ socket, room, stamp }) => { socket.sendJson({ publish: room, stamp }); return 'ok'; }",
    });
    expect(found).toMatchObject({ ...healthy, sharedId: 'ok' });
    expect(broken(result)).toEqual([]);
    expect(stdout.replace(/\s+/g, ' ')).toContain("publish gave back 'ok' for several messages");
  });

  test('an answer that is not ok was not published', async () => {
    const { found } = await run({ publish: "({ http }) => http.post('http://127.0.0.1:1/')" });
    expect(found).toMatchObject({ ...clean, published: 0, unpublished: 40, owed: 0 });
  });
});

describe('receive', () => {
  test('null is as good as undefined', async () => {
    const { result, found } = await run({ receive: '(message) => message.json().stamp ?? null' });
    expect(found).toMatchObject(healthy);
    expect(result.exceptions).toEqual([]);
  });

  test('a number is no message: told once, whatever the number, and in no book', async () => {
    const { result, found } = await run({ receive: '(message) => message.receivedMs' });
    expect(result.exceptions).toMatchObject([
      { message: expect.stringContaining('receive gave back a number') as string },
    ]);
    expect(found).toMatchObject({ received: 0, unknown: 0 });
  });
});

describe('joins', () => {
  test('those that throw end the connection; the others have all they are owed', async () => {
    const { result, found, stdout } = await run({
      join: `async (given) => { if (given.subscriber.index < 2) throw new Error('not allowed'); await ${join}(given); }`,
    });
    expect(found).toMatchObject({ ...clean, owed: 80, delivered: 80, unjoined: 2 });
    expect(result.exceptions).toMatchObject([{ message: 'not allowed', count: 2 }]);
    expect(broken(result)).toContain('delivery.unjoined == 0');
    // The two are closed when their join has failed, the others at the end; nothing is left to the end of the test but the publisher's.
    expect(result.sockets!.closed).toEqual({ '1000': 6 });
    expect(stdout).toContain('2 subscribers never joined');
  });

  test.each([
    ['join', (no: string) => `async (given) => (given.subscriber.index < 2 ? ${no} : ${join}(given))`],
    [
      'joinAll',
      (no: string) =>
        `async (given) => Promise.all(given.rooms.map((room) => (given.subscriber.index < 2 ? ${no} : ${join}({ ...given, room }))))`,
    ],
  ])('%s whose answer says no came to nothing, and the reason is told', async (role, answering) => {
    const { result, found, stdout } = await run({
      join: role === 'join' ? answering("{ ok: false, error: 'not allowed' }") : 'undefined',
      ...(role === 'joinAll' && { joinAll: answering("{ ok: false, error: 'not allowed' }") }),
    });
    expect(found).toMatchObject({ ...clean, owed: 80, delivered: 80, unjoined: 2 });
    expect(result.exceptions).toMatchObject([{ message: 'join was refused: not allowed', count: 2 }]);
    expect(result.series.find(({ name }) => name === 'join')).toMatchObject({ requests: 6, failed: 2 });
    expect(stdout).toContain('2 subscribers never joined');
  });

  test('one that is refused comes back after a while, and then hears all', async () => {
    const { result, found } = await run(
      {
        join: `async (given) => {
          const { subscriber } = given;
          subscriber.tries = (subscriber.tries ?? 0) + 1;
          if (subscriber.index === 0 && subscriber.tries < 3) throw new Error('not yet');
          await ${join}(given);
        }`,
      },
      "settle: '600ms', reconnect: { delay: '50ms', jitter: 0 }, thresholds: ['exceptions == 2', 'join: success >= 70%', 'success >= 70%'],",
    );
    expect(found).toMatchObject({ ...healthy, owed: found.owed, delivered: found.owed, unjoined: 0 });
    expect(found.recovery).toBeUndefined();
    expect(result.exceptions).toMatchObject([{ message: 'not yet', count: 2 }]);
    expect(broken(result)).toEqual([]);
  });

  test('a connection that was gone before it was given back is lost, and comes back', async () => {
    const { found } = await run(
      {
        connect: `async ({ ws, subscriber }) => {
          const socket = await ws.connect('/');
          subscriber.tries = (subscriber.tries ?? 0) + 1;
          if (subscriber.index === 0 && subscriber.tries === 1) await socket.close();
          return socket;
        }`,
      },
      "reconnect: { delay: '50ms', jitter: 0 },",
    );
    expect(found.recovery).toMatchObject({ gone: 1, back: 1 });
    expect(found).toMatchObject({ lost: 0, unjoined: 0, owed: 120 });
  });

  test('those that nobody acknowledges have run out of time, by one name', async () => {
    const { result, found, stdout } = await run({
      join: '({ socket }) => socket.next(() => false)',
      receive: '() => undefined',
    });
    expect(found).toMatchObject({ owed: 0, delivered: 0, unjoined: 6 });
    const series = result.series.find(({ name }) => name === 'join');
    expect(series).toMatchObject({ requests: 6, unfinished: 0 });
    expect(series!.errors).toEqual({ timeout: 6 });
    expect(stdout).toContain('not acknowledged by the end of the test');
  });

  test('who was cut and is not let in again misses what is said', async () => {
    const { result, found } = await run(
      {
        join: `async (given) => {
          const { subscriber } = given;
          subscriber.tries = (subscriber.tries ?? 0) + 1;
          if (subscriber.tries > 1 && subscriber.index < 2) await given.socket.next(() => false, { timeout: '50ms' });
          await ${join}(given);
        }`,
      },
      "storm: { at: '200ms', cut: 1 }, reconnect: { delay: '50ms', jitter: 0 },",
    );
    expect(found.recovery).toMatchObject({ gone: 6, back: 4 });
    expect(found).toMatchObject({ lost: 0, unjoined: 2 });
    expect(found.missed).toBeGreaterThan(10);
    expect(broken(result)).toContain('delivery.unjoined == 0');
  });
});

describe('a storm', () => {
  test('who connects after it is not cut', async () => {
    const { found } = await run(
      {
        connect: `async ({ ws, sleep, subscriber }) => {
          if (subscriber.index === 0) await sleep('1s');
          return ws.connect('/');
        }`,
      },
      "storm: { at: '200ms', cut: 1 }, reconnect: { delay: '100ms', jitter: 0 },",
    );
    expect(found.recovery).toMatchObject({ gone: 5, back: 5, attempts: 5 });
  });

  test('who was never in its room has not come back, however often it tried', async () => {
    const { found } = await run(
      {
        join: `async (given) => { if (given.subscriber.index === 0) throw new Error('never'); await ${join}(given); }`,
      },
      "storm: { at: '200ms', cut: 1 }, reconnect: { delay: '100ms', jitter: 0 },",
    );
    expect(found.recovery).toMatchObject({ gone: 5, back: 5, attempts: 5 });
    expect(found.unjoined).toBe(1);
  });

  test('no wait is longer than the longest, whatever the jitter', async () => {
    const { found } = await run(
      {},
      "storm: { at: '100ms', cut: 1 }, reconnect: { delay: '400ms', maxDelay: '400ms', jitter: 1 },",
    );
    expect(found.recovery).toMatchObject({ gone: 6, back: 6 });
    // 0.4 s and the joining; spread by ± all of itself without a limit it were up to 0.8 s.
    expect(found.recovery!.allMs).toBeLessThan(600);
  });

  test.each([
    ['a Socket.IO socket', 'io.connect({ reconnect: true })', 'ioSockets'],
    ['an event stream', "sse.connect('/rooms/0', { query: { subscriber: 0 }, reconnect: true })", 'streams'],
  ] as const)('%s that comes back by itself would be there twice: it is refused', async (_, connect, kind) => {
    const { rooms, result } = await run(
      { connect: `({ io, sse }) => ${connect}`, join: 'async () => undefined', receive: '() => null' },
      "storm: { at: '200ms', cut: 1 },",
    );
    const message = expect.stringContaining('comes back by itself: leave `reconnect` out of connect') as string;
    expect(result.exceptions).toContainEqual(expect.objectContaining({ message, count: 6 }));
    expect(rooms.opened[kind]).toBe(6);
  });
});
