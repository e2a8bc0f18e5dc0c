/** The password that stands in the documents, the scripts and the suite: fine as long as nobody else can reach the service. */
import { isIPv4 } from 'node:net';
import { verifyPassword } from './domain/password.ts';
import { roles } from './domain/user.ts';
import type { UserStore } from './ports/stores.ts';

const knownPassword = 'plimsoll';

/** @param address that is listened on, as the system tells it: '0.0.0.0' is reached from everywhere */
export function isLoopback(address: string): boolean {
  const plain = address.replace(/^::ffff:/, '');
  return plain === '::1' || (isIPv4(plain) && plain.startsWith('127.'));
}

/** Of the seeded users, those whom everybody can sign in as. Hashes once for each, on other threads. */
export async function usersWithKnownPassword(users: UserStore): Promise<readonly string[]> {
  const open = await Promise.all(
    roles.map(async (name) => {
      const user = await users.find(name);
      return user !== undefined && (await verifyPassword(knownPassword, user.passwordHash)) ? [name] : [];
    }),
  );
  return open.flat();
}
