import { expect, test } from 'vitest';
import { hashPassword, verifyPassword } from './password.ts';

test('a hash matches its own password alone, in whatever way its letters are composed', async () => {
  const stored = await hashPassword('gehe\u0301im');
  expect(await verifyPassword('geh\u00e9im', stored)).toBe(true);
  expect(await verifyPassword('geheim', stored)).toBe(false);
});

test.each([
  '',
  'plimsoll',
  'bcrypt$16384$8$1$c2FsdA==$aGFzaA==',
  'scrypt$16384$8$1$c2FsdA==',
  'scrypt$16384$8$1$c2FsdA==$',
  'scrypt$x$8$1$c2FsdA==$aGFzaA==',
  'scrypt$16383$8$1$c2FsdA==$aGFzaA==',
  'scrypt$1$8$1$c2FsdA==$aGFzaA==',
  'scrypt$0$8$1$c2FsdA==$aGFzaA==',
  'scrypt$16384$-8$1$c2FsdA==$aGFzaA==',
  'scrypt$16384$8$1.5$c2FsdA==$aGFzaA==',
  'scrypt$1073741824$8$1$c2FsdA==$aGFzaA==',
  'scrypt$2$1$268435455$c2FsdA==$aGFzaA==',
])('a hash that cannot be read matches nothing: %j', async (stored) => {
  expect(await verifyPassword('plimsoll', stored)).toBe(false);
});
