import { expect, test } from 'vitest';
import { CapacityError } from '../kernel/errors.ts';
import { constantVus } from '../model/load-model.ts';
import { assertFilesSuffice, fileLimits, limitsIn } from './file-limit.ts';

test('both limits are read from what Linux writes', () => {
  const text =
    'Limit                     Soft Limit           Hard Limit           Units     \nMax open files            ';
  expect(limitsIn(`${text}1024                 524288               files     \n`)).toEqual({
    soft: 1024,
    hard: 524_288,
  });
  expect(limitsIn(`${text}unlimited            unlimited            files     \n`)).toEqual({
    soft: Infinity,
    hard: Infinity,
  });
  expect(limitsIn('nothing of the kind')).toBeNull();
});

test('this machine has a limit, or says that it tells none', () => {
  const limits = fileLimits();
  expect(limits === null || (limits.soft > 3 && limits.hard >= limits.soft)).toBe(true);
});

const tests = [
  { name: 'big', scenarios: [{ name: 'default', load: constantVus({ vus: 1000, duration: 1 }), startAfterMs: 0 }] },
];

test.each([
  ['the command that helps', 4096, "run 'ulimit -n 2000' first"],
  ['the most that the shell can have', 1500, "run 'ulimit -n 1500' first"],
  [
    'what helps where the hard limit is too low',
    1024,
    "no more than 1,024, the hard limit, can be had with 'ulimit': raise it where it is set (limits.conf, LimitNOFILE of systemd, --ulimit nofile of docker), or share the load out over more machines",
  ],
])('too few files for the VUs are noticed before the start, with %s', (_, hard, hint) => {
  const limits = { soft: 1024, hard };
  expect(() => assertFilesSuffice(tests, limits)).toThrow(CapacityError);
  expect(() => assertFilesSuffice(tests, limits)).toThrow(
    expect.objectContaining({
      message: "'big' needs 1,000 connections, and this shell allows 1,024 open files",
      hint,
    }),
  );
});

test('what fits is let through, and so is what nobody can know', () => {
  expect(() => assertFilesSuffice(tests, { soft: 1100, hard: 1100 })).not.toThrow();
  expect(() => assertFilesSuffice(tests, null)).not.toThrow();
});
