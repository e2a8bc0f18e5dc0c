/** A fan-out of twelve subscribers in three rooms through the whole tool, against a server of planted rooms. */
import { expect, onTestFinished } from 'vitest';
import type { DeliveryResult, TestResult } from '../../src/model/result.ts';
import { Project, type Finished, type RunningCli } from './cli.ts';
import type { PlantedFaults } from './planted-deliveries.ts';
import { PlantedRooms } from './planted-rooms.ts';

/** Each as the text of a function. */
export type Roles = Readonly<
  Partial<Record<'connect' | 'join' | 'joinAll' | 'connectPublisher' | 'publish' | 'receive', string>>
>;

export interface FanOutSetting {
  /** Behind those that all have, which they replace. */
  readonly options?: string;
  readonly roles?: Roles;
  readonly args?: readonly string[];
  /** Goes on beside the run. */
  readonly meanwhile?: (rooms: PlantedRooms, running: RunningCli) => Promise<void>;
}

export interface FanOutRun extends Finished {
  readonly rooms: PlantedRooms;
  readonly result: TestResult;
}

export const webSocketRoles = {
  connect: "({ ws }) => ws.connect('/')",
  join: `async ({ socket, room, subscriber }) => {
    socket.sendJson({ join: room, subscriber: subscriber.index });
    await socket.next((message) => message.json().joined === room);
  }`,
  connectPublisher: "({ ws }) => ws.connect('/')",
  publish: '({ socket, room, stamp }) => socket.sendJson({ publish: room, stamp })',
  receive: '(message) => message.json().stamp',
} satisfies Roles;

export const socketIoRoles = {
  connect: '({ io }) => io.connect()',
  joinAll: "({ socket, rooms, subscriber }) => socket.emitWithAck('join', rooms, subscriber.index)",
  connectPublisher: '({ io }) => io.connect()',
  publish: "({ socket, room, stamp }) => { socket.emit('publish', room, stamp); }",
  receive: "({ name, args }) => (name === 'said' ? args[0].stamp : undefined)",
} satisfies Roles;

/** Who listens is in its room with the head of the answer; what is published goes by HTTP. */
export const streamRoles = {
  connect: `({ sse, subscriber: { index, rooms: [room] } }) =>
    sse.connect('/rooms/{room}', { path: { room }, query: { subscriber: index } })`,
  publish: `async ({ http, room, stamp }) => {
    (await http.post('/rooms/{room}', { path: { room }, json: { stamp } })).orThrow();
  }`,
  receive: '(event) => event.json().stamp',
} satisfies Roles;

/** As they stand in a test file. */
export function rolesText(roles: Roles): string {
  return Object.entries(roles)
    .map(([role, body]) => `${role}: ${body},`)
    .join('\n');
}

export async function runFanOut(faults: PlantedFaults, setting: FanOutSetting = {}): Promise<FanOutRun> {
  const { options = '', roles = webSocketRoles, args = [], meanwhile } = setting;
  const rooms = new PlantedRooms(faults);
  const project = new Project();
  onTestFinished(async () => {
    project.remove();
    await rooms.close();
  });
  const target = await rooms.listen();
  const publishing = roles.publish === undefined ? '' : 'publishers: 3, rate: 300,';
  project.write(
    'a.load.ts',
    `import { fanOut } from 'plimsoll';
    fanOut('news', { subscribers: 12, rooms: 3, ${publishing} duration: '1s', spacing: 'constant', drain: '1200ms',
      gracefulStop: '5s', ${options} }, { ${rolesText(roles)} });`,
  );
  const running = project.start(['run', '--target', target, ...args]);
  const [finished] = await Promise.all([running.finished, meanwhile?.(rooms, running)]);
  const result = project.lastResult().tests[0]!;
  expect(result.books).toMatchObject({ balanced: true, breaches: [] });
  return { ...finished, rooms, result };
}

/**
 * 300 messages in the plan. Three publishers that wait for each answer come to fewer where other tests keep the machine
 * busy; how many they were the server counts.
 */
export function deliveryOf({ rooms, result }: FanOutRun): DeliveryResult {
  const found = result.delivery!;
  expect(found.published).toBe(rooms.counts.published);
  expect(found.published).toBeGreaterThan(150);
  return found;
}

/** Nothing but a busy machine has kept the test from passing: it makes measurements invalid, or comes to an arrival too late. */
export function expectNoFailure({ code, result }: FanOutRun): void {
  const isSlow = result.failures.some((failure) => failure.startsWith('rate-not-reached: '));
  expect(result.failures).toHaveLength(isSlow ? 1 : 0);
  expect(isSlow ? [1, 3] : [0, 3]).toContain(code);
}

/** Of the deliveries in one room, in milliseconds. */
export function medianMs(found: DeliveryResult, room: number): number {
  return found.rooms.find((each) => each.room === room)!.latency.p50!;
}

/** The subscribers with which something was wrong, by their number. */
export function troubledIn({ subscribers }: DeliveryResult): DeliveryResult['subscribers'] {
  return subscribers.toSorted((one, other) => one.subscriber - other.subscriber);
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
