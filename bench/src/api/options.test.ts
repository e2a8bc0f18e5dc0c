import { expect, test } from 'vitest';
import { parseApiOptions } from './options.ts';

test('one part or all, and only the standard times may write the guide', () => {
  expect(parseApiOptions([])).toMatchObject({ parts: ['http', 'sockets'], isStandard: true });
  expect(parseApiOptions(['--only', 'sockets'])).toMatchObject({ parts: ['sockets'], isStandard: true });
  expect(parseApiOptions(['--only', 'http', '--memory-seconds', '9'])).toEqual({
    parts: ['http'],
    times: { repeats: 5, seconds: 5, memorySeconds: 9 },
    isStandard: false,
  });
});

test('an unknown part, an unknown flag and no number are refused', () => {
  expect(() => parseApiOptions(['--only', 'socket'])).toThrow("--only knows no 'socket', but http, sockets");
  expect(() => parseApiOptions(['--second', '3'])).toThrow('--second');
  expect(() => parseApiOptions(['--repeats', '0'])).toThrow("--repeats is '0'");
});
