/** A fan-out of twelve subscribers in three rooms through the whole tool, against a server of planted rooms. */
import { expect, onTestFinished } from 'vitest';
import type { DeliveryResult, TestResult } from '../../src/model/result.ts';
import { Project, type Finished, type RunningCli } from './cli.ts';
import { PlantedRooms, type PlantedFaults } from './planted-rooms.ts';

export interface FanOutSetting {
  /** Behind those that all have, which they replace. */
  readonly options?: string;
  readonly roles?: string;
  readonly args?: readonly string[];
  /** Goes on beside the run. */
  readonly meanwhile?: (rooms: PlantedRooms, running: RunningCli) => Promise<void>;
}

export interface FanOutRun extends Finished {
  readonly rooms: PlantedRooms;
  readonly result: TestResult;
}

export const webSocketRoles = `
  connect: ({ ws }) => ws.connect('/'),
  join: async ({ socket, room, subscriber }) => {
    socket.sendJson({ join: room, subscriber: subscriber.index });
    await socket.next((message) => message.json().joined === room);
  },
  connectPublisher: ({ ws }) => ws.connect('/'),
  publish: ({ socket, room, stamp }) => socket.sendJson({ publish: room, stamp }),
  receive: (message) => message.json().stamp,`;

export const socketIoRoles = `
  connect: ({ io }) => io.connect(),
  joinAll: ({ socket, rooms, subscriber }) => socket.emitWithAck('join', rooms, subscriber.index),
  connectPublisher: ({ io }) => io.connect(),
  publish: ({ socket, room, stamp }) => { socket.emit('publish', room, stamp); },
  receive: ({ name, args }) => (name === 'said' ? args[0].stamp : undefined),`;

const publishing = 'publishers: 3, rate: 300,';

export async function runFanOut(faults: PlantedFaults, setting: FanOutSetting = {}): Promise<FanOutRun> {
  const { options = '', roles = webSocketRoles, args = [], meanwhile } = setting;
  const rooms = new PlantedRooms(faults);
  const project = new Project();
  onTestFinished(async () => {
    project.remove();
    await rooms.close();
  });
  const target = await rooms.listen();
  const publishes = roles.includes('publish:');
  project.write(
    'a.load.ts',
    `import { fanOut } from 'plimsoll';
    fanOut('news', { subscribers: 12, rooms: 3, ${publishes ? publishing : ''} duration: '1s', spacing: 'constant', drain: '1200ms',
      gracefulStop: '5s', ${options} }, { ${roles} });`,
  );
  const running = project.start(['run', '--target', target, ...args]);
  const [finished] = await Promise.all([running.finished, meanwhile?.(rooms, running)]);
  return { ...finished, rooms, result: project.lastResult().tests[0]! };
}

/** 300 messages in the plan; of a machine that stands still for a moment there may be a few less, and the server counts them. */
export function deliveryOf({ rooms, result }: FanOutRun): DeliveryResult {
  expect(result.books).toMatchObject({ balanced: true, breaches: [] });
  const found = result.delivery!;
  expect(found.published).toBe(rooms.counts.published);
  expect(found.published).toBeGreaterThan(240);
  return found;
}

export const clean = {
  lost: 0,
  duplicated: 0,
  reordered: 0,
  late: 0,
  leaked: 0,
  unknown: 0,
  missed: 0,
  ambiguous: 0,
} as const;
