import { expect, test } from 'vitest';
import { CapacityError } from '../kernel/errors.ts';
import { constantVus } from '../model/load-model.ts';
import { assertFilesSuffice, fileLimit, limitIn } from './file-limit.ts';

test('the soft limit is read from what Linux writes', () => {
  const text =
    'Limit                     Soft Limit           Hard Limit           Units     \nMax open files            ';
  expect(limitIn(`${text}1024                 524288               files     \n`)).toBe(1024);
  expect(limitIn(`${text}unlimited            unlimited            files     \n`)).toBe(Infinity);
  expect(limitIn('nothing of the kind')).toBeNull();
});

test('this machine has a limit, or says that it tells none', () => {
  const limit = fileLimit();
  expect(limit === null || limit > 3).toBe(true);
});

test('too few files for the VUs are noticed before the start, with the command that helps', () => {
  const tests = [
    { name: 'big', scenarios: [{ name: 'default', load: constantVus({ vus: 1000, duration: 1 }), startAfterMs: 0 }] },
  ];
  expect(() => assertFilesSuffice(tests, 1024)).toThrow(CapacityError);
  expect(() => assertFilesSuffice(tests, 1024)).toThrow(
    "'big' needs 1,000 connections, and this shell allows 1,024 open files",
  );
  expect(() => assertFilesSuffice(tests, 1024)).toThrow(
    expect.objectContaining({ hint: "run 'ulimit -n 2000' first" }),
  );
  expect(() => assertFilesSuffice(tests, 1100)).not.toThrow();
  expect(() => assertFilesSuffice(tests, null)).not.toThrow();
});
