import type { FanOutRoles, IoEvent, IoSocket } from 'plimsoll';
import { expect, test } from 'vitest';
import { sessionRoles, type SessionData } from '../../loadtests/session-broadcast.ts';

const roles: FanOutRoles<SessionData, IoSocket> = sessionRoles((client) => client < 5);
const heard = (name: string, session: string, client: number): unknown =>
  roles.receive({ name, args: [{ session_id: session, sequence: 3, instance: 'a' }] } as unknown as IoEvent, {
    data: { token: '', sessions: ['s0', 's1'] },
    subscriber: { index: client, rooms: [] },
  });

test('a session is a room: cancelling it is the message, and all else that is said of it is by others', () => {
  expect(heard('session_cancelled', 's1', 9)).toEqual({ id: 's1' });
  expect(heard('session_progress', 's1', 9)).toEqual({ room: 1, source: 'a', sequence: 3 });
  expect(heard('system_status', 's1', 9)).toBeUndefined();
});

test("a stranger's session is a leak, but for those who listen to everything", () => {
  expect(heard('session_cancelled', 'other', 9)).toEqual({ room: -1, source: 'a', sequence: 3 });
  expect(heard('session_cancelled', 'other', 0)).toBeUndefined();
});
