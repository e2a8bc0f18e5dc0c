/** Passwords by scrypt (RFC 7914): slow on purpose, and compared in constant time. */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

export const mostPasswordLength = 200;

const cost = { N: 16_384, r: 8, p: 1 } as const;
const hashBytes = 32;

/** @returns `scrypt$N$r$p$salt$hash`, the last two in base64 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, hashBytes, cost);
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64'), hash.toString('base64')].join('$');
}

/** A hash that cannot be read matches nothing. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const [kind, N, r, p, salt, hash] = stored.split('$');
  if (kind !== 'scrypt' || salt === undefined || hash === undefined) return false;
  const expected = Buffer.from(hash, 'base64');
  if (expected.length === 0) return false;
  const options = { N: Number(N), r: Number(r), p: Number(p) };
  // It refuses numbers that it cannot work with.
  const found = await derive(password, Buffer.from(salt, 'base64'), expected.length, options).catch(() => undefined);
  return found !== undefined && timingSafeEqual(found, expected);
}

interface Cost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

function derive(password: string, salt: Buffer, length: number, options: Cost): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, length, options, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}
