/** Connections that the server ends in the middle of a fan-out: who was away how often, and what came meanwhile. */
import { expect, test } from 'vitest';
import {
  clean,
  deliveryOf,
  runFanOut,
  socketIoRoles,
  streamRoles,
  troubledIn,
  webSocketRoles,
  type Roles,
} from '../support/fan-out-run.ts';

const transports: readonly [string, Roles, Readonly<Record<number, number>>][] = [
  ['WebSockets', webSocketRoles, { 1012: 1, 1006: 1 }],
  // The server ends the session, for which it has no code.
  ['Socket.IO', socketIoRoles, { 1005: 1, 1006: 1 }],
  // One answer is whole, and one breaks off; the others we leave ourselves.
  ['event streams', streamRoles, { 1000: 13, 1006: 1 }],
];

test.each(transports)('over %s they are back, and what they missed is told', async (_, roles, closed) => {
  const run = await runFanOut(
    {
      ends: [
        { subscriber: 1, at: 20, how: 'close' },
        { subscriber: 6, at: 30, how: 'reset' },
      ],
    },
    {
      roles,
      args: ['--workers', '2'],
      options: "guard: '100ms', settle: '500ms', drain: '800ms', reconnect: { delay: '250ms', jitter: 0 },",
    },
  );
  const found = deliveryOf(run);
  const { published, sent, joined } = run.rooms.counts;
  expect(joined).toBe(14);
  expect(found.recovery).toMatchObject({ gone: 2, back: 2, attempts: 2 });
  expect(found.recovery!.p50Ms).toBeGreaterThanOrEqual(250);
  const { owed, delivered, ambiguous, ambiguousReceived, missed } = found;
  expect(found).toMatchObject({ ...clean, ambiguous, missed, delivered: owed });
  // What was sent to those that were there has come, and what was not sent is missed or ambiguous.
  expect([owed + ambiguous + missed, delivered + ambiguousReceived]).toEqual([4 * published, sent]);
  const [first, second, ...others] = troubledIn(found);
  expect([first!.subscriber, second!.subscriber, others]).toEqual([1, 6, []]);
  // 100 messages a second in each room, for 0.25 s without the guard around the loss and the return.
  expect(Math.min(first!.missed, second!.missed)).toBeGreaterThan(2);
  expect([first!.missed + second!.missed, found.recovery!.mostMissed]).toEqual([
    missed,
    Math.max(first!.missed, second!.missed),
  ]);
  expect(run.result.sockets!.closed).toMatchObject(closed);
});

test.each([
  ['does not come back', '', false],
  ['comes back', "{ reconnect: { delay: '100ms', jitter: 0 } }", true],
])('a publisher whose connection is lost and %s', async (_, connectOptions, comesBack) => {
  const { rooms, result } = await runFanOut(
    {},
    {
      roles: {
        ...socketIoRoles,
        connectPublisher: `({ io }) => io.connect(${connectOptions})`,
        publish: `({ socket, room, stamp, iteration }) => {
          if (iteration.index === 60) { socket.terminate('reset'); throw new Error('lost'); }
          socket.emit('publish', room, stamp);
        }`,
      },
      options: "publishers: 1, settle: '300ms', guard: '100ms', drain: '400ms', thresholds: ['exceptions < 1000'],",
    },
  );
  const { published, unpublished, owed, ambiguous, lost, missed } = result.delivery!;
  expect(published).toBe(rooms.counts.published);
  // Twelve subscribers and one publisher are iterations themselves.
  expect([published + unpublished, owed + ambiguous]).toEqual([result.iterations - 13, 4 * published]);
  expect([lost, missed]).toEqual([0, 0]);
  // Of the 300 those before it was lost; or all but what was due in the 100 ms after that.
  if (comesBack) expect([published > 60, unpublished > 20]).toEqual([true, true]);
  else expect(published).toBe(60);
  const told = result.exceptions.map(({ message }) => message);
  expect(told).toEqual(['lost', expect.stringMatching(/^publisher 0 has no open connection/)]);
  expect(result.exceptions.reduce((sum, { count }) => sum + count, 0)).toBe(unpublished);
});
