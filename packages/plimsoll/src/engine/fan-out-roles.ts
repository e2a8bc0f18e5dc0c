/** The functions of a fan-out: what they must be when it is declared, and what they must give while it runs. */
import { TestFileError, type ErrorDetails } from '../kernel/errors.ts';
import { shown } from '../kernel/shown.ts';
import type { AnyConnection, FanOutRoles } from '../model/fan-out.ts';
import type { RegisteredFanOut } from '../model/registered-test.ts';
import { assertKnownOptions } from './known-options.ts';

type Joins = RegisteredFanOut['joins'];

const examples = {
  connect: "write connect: ({ ws }) => ws.connect('/path')",
  receive: 'write receive: (message) => message.json().stamp',
};

/** Errors: TestFileError. @param of 'fan-out 'news'' */
export function assertRoles(of: string, roles: object): void {
  assertKnownOptions(of, 'roles', roles, 'role');
  const given = roles as Readonly<Record<string, unknown>>;
  for (const [role, hint] of Object.entries(examples)) {
    if (given[role] === undefined) throw new TestFileError(`${of} has no role '${role}'`, { hint });
  }
  for (const [role, play] of Object.entries(given)) {
    if (play === undefined || typeof play === 'function') continue;
    throw new TestFileError(`the role '${role}' of ${of} is ${shown(play)}, expected a function`);
  }
  if (given['join'] === undefined || given['joinAll'] === undefined) return;
  throw new TestFileError(`${of} has both roles 'join' and 'joinAll'`, { hint: 'give one of them' });
}

/**
 * The roles, and what they give looked at.
 *
 * @param declared made where the fan-out was: when a role has given its value, its own lines are on no stack any more
 */
export function checkedRoles<Data, Connection extends AnyConnection>(
  declared: Error,
  of: string,
  roles: FanOutRoles<Data, Connection>,
): FanOutRoles<Data, Connection> {
  const connected = (role: 'connect' | 'connectPublisher', connection: Connection): Connection => {
    if (isConnection(connection)) return connection;
    const message = `the role '${role}' of ${of} gave ${shown(connection)}, expected a socket`;
    throw errorAt(declared, message, { hint: `return it: ${role}: ({ ws }) => ws.connect('/path')` });
  };
  const checked: Partial<FanOutRoles<Data, Connection>> = {
    connect: async (context) => connected('connect', await roles.connect(context)),
    ...(roles.connectPublisher !== undefined && {
      connectPublisher: async (context) => connected('connectPublisher', await roles.connectPublisher!(context)),
    }),
  };
  // What else there is, and what a role finds in `this`, stays that of the given ones.
  return Object.assign(Object.create(roles) as FanOutRoles<Data, Connection>, checked);
}

function isConnection(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'isOpen' in value && 'step' in value;
}

export function checkedJoins(declared: Error, of: string, joins: unknown): Joins {
  if (typeof joins !== 'function') throw new TestFileError(`${of}: joins is ${shown(joins)}, expected a function`);
  return (subscriber, rooms) => {
    const joined: unknown = (joins as Joins)(subscriber, rooms);
    const wrong = mistakeIn(joined, rooms);
    if (wrong === undefined) return joined as readonly number[];
    throw errorAt(declared, `${of}: joins gives ${wrong}`, {});
  };
}

/** Errors: TestFileError. */
export function assertJoins(joins: Joins, { subscribers, rooms }: RegisteredFanOut['plan']): void {
  for (let subscriber = 0; subscriber < subscribers; subscriber++) joins(subscriber, rooms);
}

function mistakeIn(joined: unknown, rooms: number): string | undefined {
  if (!Array.isArray(joined)) return `${shown(joined)}, expected a list of rooms`;
  const wrong = joined.find((room) => !(Number.isSafeInteger(room) && room >= 0 && room < rooms)) as unknown;
  if (wrong !== undefined || joined.includes(undefined)) return `room ${shown(wrong)}; the rooms are 0 to ${rooms - 1}`;
  if (new Set(joined).size === joined.length) return undefined;
  const twice = joined.find((room, at) => joined.indexOf(room) !== at) as unknown;
  return `room ${shown(twice)} twice to one subscriber`;
}

/** With the place of another one. */
function errorAt({ stack = '' }: Error, message: string, details: ErrorDetails): TestFileError {
  const error = new TestFileError(message, details);
  error.stack = `${error.name}: ${message}\n${stack.split('\n').slice(1).join('\n')}`;
  return error;
}
