/** The nonce of each handshake (RFC 6455, section 4.1): 16 random bytes. Asking the system for each alone takes 10 µs. */
import { builtIn } from '../../kernel/built-in.ts';

const keyBytes = 16;
const poolKeys = 256;
let pool: Buffer | undefined;
let used = poolKeys;

export function randomKey(): string {
  if (pool === undefined || used === poolKeys) {
    pool = builtIn.crypto().randomBytes(keyBytes * poolKeys);
    used = 0;
  }
  const from = keyBytes * used++;
  return pool.toString('base64', from, from + keyBytes);
}
