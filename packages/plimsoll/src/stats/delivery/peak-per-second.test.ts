import { expect, test } from 'vitest';
import { PeakPerSecond } from './peak-per-second.ts';

test.each<[string, readonly number[], number]>([
  ['no event', [], 0],
  ["a burst across a second's edge", [1900, 1950, 1999, 2000, 2050, 2100], 6],
  ['the same, told by one worker after the other', [2000, 2050, 2100, 1900, 1950, 1999], 6],
  ['a second later is another second', [500, 1500, 2500], 1],
  ['just less than a second later is the same', [500, 1499.9], 2],
])('the most of any second: %s', (_, eventsMs, most) => {
  const peak = new PeakPerSecond();
  for (const atMs of eventsMs) peak.add(atMs);
  expect(peak.most(2000)).toBe(most);
});

test('it may be asked again and again while events come', () => {
  const peak = new PeakPerSecond();
  for (const [atMs, toldMs, most] of [
    [5900, 5000, 1],
    [5100, 5000, 2],
    [7000, 5500, 2],
    [5950, 7000, 3],
    [7999, 7500, 3],
    [7998, 7600, 3],
    [7997, 8000, 4],
  ] as const) {
    peak.add(atMs);
    expect(peak.most(toldMs)).toBe(most);
  }
});

test('a million events in 1,000 seconds, told by three workers: those of two seconds are kept, and the peak is the same', () => {
  const peak = new PeakPerSecond();
  let mostKept = 0;
  let most = 0;
  for (let second = 0; second < 1000; second++) {
    for (const worker of [2, 0, 1]) {
      for (let event = worker; event < 1000; event += 3) {
        // From the middle of second 500 to that of second 501 there are half as many again, which no clock's second holds.
        const atMs = second * 1000 + event;
        peak.add(atMs);
        const isBusy = second === 500 ? event >= 500 : second === 501 && event < 500;
        if (isBusy && event % 2 === 0) peak.add(atMs);
      }
    }
    most = peak.most((second + 1) * 1000);
    mostKept = Math.max(mostKept, peak.kept);
  }
  expect(most).toBe(1500);
  expect(mostKept).toBeLessThan(2 * 1500);
});
