import { expect, test } from 'vitest';
import { ReconnectDelay } from './reconnect-delay.ts';

const first = (delay: ReconnectDelay, count: number): number[] => Array.from({ length: count }, () => delay.next());

test('without a word of anybody it is 3 s, again and again', () => {
  expect(first(new ReconnectDelay({}), 3)).toEqual([3000, 3000, 3000]);
});

test('it doubles after attempts that failed, up to the most, and begins anew after a stream', () => {
  const delay = new ReconnectDelay({ delay: '100ms', maxDelay: '1s' });
  expect(first(delay, 6)).toEqual([100, 200, 400, 800, 1000, 1000]);
  delay.succeeded();
  expect(first(delay, 2)).toEqual([100, 200]);
});

test("the server's word replaces the delay, and no most undercuts it", () => {
  const delay = new ReconnectDelay({ delay: 100, maxDelay: 1000 });
  delay.retryMs = 400;
  expect(first(delay, 3)).toEqual([400, 800, 1000]);
  delay.retryMs = 5000;
  delay.succeeded();
  expect(first(delay, 3)).toEqual([5000, 5000, 5000]);
});

test('a wait longer than a timer can hold is as long as one can', () => {
  const delay = new ReconnectDelay({});
  delay.retryMs = 1e20;
  expect(delay.next()).toBe(2 ** 31 - 1);
});

test('a server that asks for no wait gets the least one, and it grows after attempts that failed', () => {
  const delay = new ReconnectDelay({ delay: 1, maxDelay: 100 });
  delay.retryMs = 0;
  expect(first(delay, 9)).toEqual([1, 2, 4, 8, 16, 32, 64, 100, 100]);
  expect(first(delay, 2000).every((ms) => ms === 100)).toBe(true);
  delay.succeeded();
  expect(delay.next()).toBe(1);
});

test.each([
  [{ delay: 0 }, 'reconnect.delay is 0', 'give it at least 1 ms'],
  [{ delay: '0.5ms' }, 'reconnect.delay is 0.5ms', 'give it at least 1 ms'],
  [{ delay: '2s', maxDelay: '1s' }, 'reconnect.maxDelay is 1s', 'give it no less than reconnect.delay, 2s'],
  [{ maxDelay: '1s' }, 'reconnect.maxDelay is 1s', 'give it no less than reconnect.delay, 3s'],
] as const)('%j is refused', (options, message, hint) => {
  expect(() => new ReconnectDelay(options)).toThrow(expect.objectContaining({ message, hint }));
});
