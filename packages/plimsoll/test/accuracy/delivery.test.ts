/** What a server stamps on each delivery, less when its message was due, is what the tool says of them. */
import { expect } from 'vitest';
import { rolesText, webSocketRoles } from '../support/fan-out-run.ts';
import { quantile } from '../support/order-statistics.ts';
import { startPlantedRooms } from '../support/planted-rooms-process.ts';
import { onlyTest, makeProject } from '../support/run-cli.ts';
import { expectNoneShorter } from './order.ts';
import { testClaim } from './quiet-machine.ts';

const heldMs = 50;
/** A timer may fire so much early. */
const timerMs = 1;
/** Publisher, server and subscriber are three turns at the same two processors. */
const medianWithinMs = 1;

const publish =
  '({ socket, room, stamp, iteration }) => socket.sendJson({ publish: room, stamp, dueMs: iteration.dueMs })';
const roles = rolesText({ ...webSocketRoles, publish });

testClaim('a delivery takes as long as from when it was due to the server’s stamp', {
  measure: async () => {
    const rooms = await startPlantedRooms({ delay: { room: 1, byMs: heldMs } });
    const run = await makeProject({
      'a.load.ts': `import { fanOut } from 'plimsoll';
      fanOut('stamped', { subscribers: 12, rooms: 3, publishers: 3, rate: 120, duration: '3s', drain: '1s' }, { ${roles} });`,
    }).run(['run', '--json', '--target', rooms.url]);
    return { run, measured: onlyTest(run), truth: await rooms.sentAfterMs() };
  },
  onAnyMachine: ({ measured: { delivery }, truth }) => {
    const { delivered, latency, rooms } = delivery!;
    expect(delivery).toMatchObject({ delivered: truth.flat().length, lost: 0, ambiguous: 0 });
    expect(delivered).toBeGreaterThan(1000);
    expectNoneShorter(latency, truth.flat());
    for (const { room, latency: ofRoom } of rooms) {
      const stamps = truth[room]!;
      expectNoneShorter({ ...ofRoom, count: stamps.length }, stamps);
    }
    expect(rooms.find(({ room }) => room === 1)!.latency.p50).toBeGreaterThanOrEqual(heldMs - timerMs);
  },
  whenQuiet: ({ run: { code }, measured: { delivery, failures }, truth }) => {
    expect({ code, failures }).toEqual({ code: 0, failures: [] });
    const apart = (found: number | null, stamps: readonly number[], p: number): number => found! - quantile(stamps, p);
    expect(Math.abs(apart(delivery!.latency.p50, truth.flat(), 0.5))).toBeLessThanOrEqual(medianWithinMs);
    for (const { room, latency } of delivery!.rooms) {
      const stamps = truth[room]!;
      expect(Math.abs(apart(latency.p50, stamps, 0.5)), `room ${room}`).toBeLessThanOrEqual(medianWithinMs);
      expect(Math.abs(apart(latency.p99, stamps, 0.99)), `room ${room}`).toBeLessThanOrEqual(3);
      expect(latency.p50! >= heldMs, `room ${room}`).toBe(room === 1);
    }
  },
});
