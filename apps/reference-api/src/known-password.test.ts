import { expect, test } from 'vitest';
import { hashPassword } from './domain/password.ts';
import { isLoopback, usersWithKnownPassword } from './known-password.ts';

test.each([
  ['127.0.0.1', true],
  ['127.8.9.10', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['0.0.0.0', false],
  ['::', false],
  ['192.0.2.1', false],
  ['::ffff:192.0.2.1', false],
])('%s is loop-back: %s', (address, expected) => {
  expect(isLoopback(address)).toBe(expected);
});

test('users are named whose password everybody knows, and no others', async () => {
  const hashes = new Map([
    ['viewer', await hashPassword('plimsoll')],
    ['admin', await hashPassword('Plimsoll')],
  ]);
  const find = (name: string) => {
    const passwordHash = hashes.get(name);
    return Promise.resolve(passwordHash === undefined ? undefined : { name, role: 'viewer' as const, passwordHash });
  };
  expect(await usersWithKnownPassword({ find })).toEqual(['viewer']);
});
