import { beforeEach, describe, expect, test } from 'vitest';
import { TestFileError } from '../kernel/errors.ts';
import type { RegisteredFanOut } from '../model/registered-test.ts';
import { fanOut } from './fan-out.ts';
import { registry } from './registry.ts';

beforeEach(() => {
  registry().tests.length = 0;
});

const socket = { ok: true, isOpen: true, step: () => undefined };
const connect = (): Promise<unknown> => Promise.resolve(socket);
const receive = (): undefined => undefined;
const publish = (): undefined => undefined;
const options = { subscribers: 4, rate: 10, duration: '5s' };
const roles = { connect, receive, publish };

/** What a compiler would refuse still arrives from JavaScript. */
function declare(given: unknown, played: unknown): RegisteredFanOut {
  (fanOut as (name: string, options: unknown, roles: unknown) => void)('news', given, played);
  return registry().tests.at(-1)!.fanOut!;
}

function mistake(act: () => unknown): { readonly message: string; readonly hint: string | undefined } {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(TestFileError);
    const { message, hint } = error as TestFileError;
    return { message, hint };
  }
  throw new Error('nothing was refused');
}

test('a fan-out as it should be', () => {
  expect(declare(options, roles).plan).toMatchObject({ subscribers: 4, sentinels: 0, storm: undefined });
  expect(declare({ subscribers: 4, duration: 1000 }, { connect, receive }).plan.load).toBeUndefined();
  expect(declare({ ...options, sentinels: 2 }, roles).plan).toMatchObject({ sentinels: 2, sentinelsGiven: true });
  expect(declare({ ...options, storm: { at: 0, cut: ' 12.5 % ' } }, roles).plan.storm).toMatchObject({ share: 0.125 });
});

test.each([
  [undefined, "the roles of fan-out 'news' are undefined, expected { … }", undefined],
  [{ receive, publish }, "fan-out 'news' has no role 'connect'", "write connect: ({ ws }) => ws.connect('/path')"],
  [{ connect, publish }, "fan-out 'news' has no role 'receive'", 'write receive: (message) => message.json().stamp'],
  [{ connect, publish, recieve: receive }, "fan-out 'news' has no role 'recieve'", "did you mean 'receive'?"],
  [{ ...roles, onJoin: connect }, "fan-out 'news' has no role 'onJoin'", "did you mean 'join'?"],
  [{ ...roles, join: 'room' }, "the role 'join' of fan-out 'news' is 'room', expected a function", undefined],
  [
    { ...roles, join: connect, joinAll: connect },
    "fan-out 'news' has both roles 'join' and 'joinAll'",
    'give one of them',
  ],
])('roles %j', (played, message, hint) => {
  expect(mistake(() => declare(options, played))).toEqual({ message, hint });
});

test.each([
  [{ storm: { after: '1s', cut: 0.5 } }, "the storm has no option 'after'", 'there are at, cut, how'],
  [{ storm: { cut: 0.5 } }, 'it has no storm.at', undefined],
  [{ storm: { at: '1s' } }, 'it has no storm.cut', undefined],
  [{ storm: '1s' }, "the options of the storm are '1s', expected { … }", undefined],
  [{ storm: { at: 0, cut: 0.5, how: 'rest' } }, "storm.how is 'rest', expected reset, close, silence", undefined],
  [{ storm: { at: 0, cut: '50' } }, 'storm.cut is NaN, expected a share from 0 to 1', undefined],
  [{ storm: { at: 0, cut: 0.01 } }, 'the storm takes nobody: storm.cut is 1% of 4 subscribers', undefined],
  [{ reconnect: { dely: '1s' } }, "reconnect has no option 'dely'", "did you mean 'delay'?"],
  [{ reconnect: 'yes' }, "reconnect is 'yes', expected true, false or { … }", undefined],
  [{ joins: [0] }, 'joins is a list, expected a function', undefined],
  [{ joins: () => undefined }, 'joins gives undefined, expected a list of rooms', undefined],
  [{ joins: () => [1] }, 'joins gives room 1; the rooms are 0 to 0', undefined],
  [{ joins: () => [0, 0] }, 'joins gives room 0 twice to one subscriber', undefined],
  [{ duration: undefined }, 'it has no duration', undefined],
])('options %j', (given, message, hint) => {
  const refusal = { message: `fan-out 'news': ${message}`, hint };
  expect(mistake(() => declare({ ...options, ...given }, roles))).toEqual(refusal);
});

describe('what roles and joins give while the test runs', () => {
  /** The first line of the stack that is not the tool's: here that of this file. */
  const lineOf = ({ stack = '' }: Error): string | undefined =>
    stack.split('\n').find((line) => line.includes('fan-out.test.ts'));
  const refusalOf = (promise: Promise<unknown>): Promise<Error> =>
    promise.then(
      () => new Error('nothing was refused'),
      (error: unknown) => error as Error,
    );

  test('a socket is passed on, with `this` as it was', async () => {
    const played = {
      ...roles,
      socket,
      connect: function (this: { socket: unknown }) {
        return Promise.resolve(this.socket);
      },
    };
    const declared = declare(options, { ...roles, connectPublisher: connect }).roles;
    expect(await declared.connect({} as never)).toBe(socket);
    expect(await declared.connectPublisher!({} as never)).toBe(socket);
    expect(declared.publish).toBe(publish);
    expect(
      await refusalOf(declare(options, { ...roles, connect: played.connect.bind(played) }).roles.connect({} as never)),
    ).toMatchObject({ message: 'nothing was refused' });
  });

  test.each([
    ['connect', undefined, 'undefined'],
    ['connect', { ok: true, status: 200 }, 'an object'],
    ['connectPublisher', 'ws://a', "'ws://a'"],
  ] as const)('%s that gives %j is told with the line of its fan-out', async (role, value, text) => {
    const declared = declare(options, { ...roles, [role]: () => Promise.resolve(value) }).roles;
    const error = await refusalOf(declared[role]!({} as never));
    expect(error).toMatchObject({
      message: `the role '${role}' of fan-out 'news' gave ${text}, expected a socket`,
      hint: `return it: ${role}: ({ ws }) => ws.connect('/path')`,
    });
    expect(lineOf(error)).toMatch(/declare/);
  });

  test('joins is asked again for subscribers of the command line', () => {
    const { joins } = declare({ ...options, joins: (subscriber: number) => [subscriber < 4 ? 0 : 7] }, roles);
    expect(joins(3, 1)).toEqual([0]);
    expect(() => joins(4, 1)).toThrow("fan-out 'news': joins gives room 7; the rooms are 0 to 0");
  });
});
