import { fc, test as property } from '@fast-check/vitest';
import { Manager } from 'socket.io-client';
import { describe, expect, test, vi } from 'vitest';
import { backOffMs, backOffOf } from './back-off.ts';

const waits = (reconnect: Parameters<typeof backOffOf>[0], r: number, count = 5): number[] =>
  Array.from({ length: count }, (_, n) => backOffMs(backOffOf(reconnect)!, n, () => r));

describe('waits, by hand', () => {
  test('without jitter they double up to the longest', () => {
    expect(waits({ jitter: 0 }, 0.7)).toEqual([1000, 2000, 4000, 5000, 5000]);
  });

  test('a number whose first decimal is even makes them shorter', () => {
    // 0.25 of a half: an eighth less. The fourth, 8000 − 1000, is cut to the longest.
    expect(waits(true, 0.25)).toEqual([875, 1750, 3500, 5000, 5000]);
  });

  test('an odd one makes them longer', () => {
    // 0.5 of a half: a quarter more.
    expect(waits(true, 0.5)).toEqual([1250, 2500, 5000, 5000, 5000]);
  });

  test('as chosen', () => {
    expect(waits({ delay: '200ms', maxDelay: '3s', factor: 3, jitter: 0 }, 0)).toEqual([200, 600, 1800, 3000, 3000]);
    expect(waits({ delay: 100, factor: 1, jitter: 0 }, 0)).toEqual([100, 100, 100, 100, 100]);
    // A first wait beyond the default of the longest is meant.
    expect(waits({ delay: '8s', jitter: 0 }, 0)).toEqual([8000, 8000, 8000, 8000, 8000]);
  });

  test('the thousandth is as long as the fifth', () => {
    expect(backOffMs(backOffOf(true)!, 5000, () => 0)).toBe(5000);
  });
});

property.prop([fc.double({ min: 0, max: 0.999999, noNaN: true }), fc.nat(40)])(
  'they are those of the official client',
  (r, n) => {
    // Its back-off is private, and all of its behaviour.
    const { backoff } = new Manager('http://127.0.0.1:1', { autoConnect: false }) as unknown as {
      backoff: { attempts: number; duration(): number };
    };
    const random = vi.spyOn(Math, 'random').mockReturnValue(r);
    backoff.attempts = n;
    const official = backoff.duration();
    random.mockRestore();
    expect(backOffMs(backOffOf(true)!, n, () => r)).toBe(official);
  },
);

test('only who asks for it comes back', () => {
  expect([backOffOf(undefined), backOffOf(false)]).toEqual([undefined, undefined]);
  expect(backOffOf({})).toEqual(backOffOf(true));
});

test.each([
  [{ delay: 0 }, 'reconnect.delay is 0'],
  [{ delay: '2s', maxDelay: '1s' }, 'reconnect.maxDelay is 1s'],
  [{ factor: 0.5 }, 'reconnect.factor is 0.5'],
  [{ jitter: 1.5 }, 'reconnect.jitter is 1.5'],
  [{ attempts: 0 }, 'reconnect.attempts is 0'],
  [{ attempts: 1.5 }, 'reconnect.attempts is 1.5'],
  [{ delay: 'soon' }, "'soon' is not a duration"],
])('%j makes no sense', (reconnect, message) => {
  expect(() => backOffOf(reconnect)).toThrow(message);
});
