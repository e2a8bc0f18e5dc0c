import { describe, expect, test } from 'vitest';
import { Sfc32 } from '../kernel/random.ts';
import { joinedSample, RequestSample, type Sampled } from './request-sample.ts';

interface Numbered {
  readonly n: number;
}

/** Offers so many requests, numbered from `first`. */
function offer(sample: RequestSample<Numbered>, count: number, first = 0): void {
  for (let n = first; n < first + count; n++) if (sample.isNextKept()) sample.keep({ n });
}

/** The sample of a run whose workers had so many requests in each second; their numbers go through all of it. */
function sampleOf(seed: number, secondsOfWorkers: readonly (readonly number[])[]): readonly Sampled<Numbered>[] {
  let all: readonly Sampled<Numbered>[] = [];
  let first = 0;
  for (const [worker, seconds] of secondsOfWorkers.entries()) {
    const sample = new RequestSample<Numbered>(new Sfc32(seed, worker));
    for (const count of seconds) {
      offer(sample, count, first);
      first += count;
      all = joinedSample(all, sample.take());
    }
  }
  return all;
}

/**
 * Σ (observed − expected)² / expected over requests, of `runs` runs in each of which 10 of n are taken.
 *
 * Without replacement the counts vary less than in a multinomial draw, by (n − 10)/(n − 1): divided by that, the sum is
 * χ² with n − 1 degrees of freedom, whose mean is n − 1 and whose standard deviation √(2(n − 1)).
 */
function chiSquare(counts: readonly number[], runs: number): number {
  const n = counts.length;
  const expected = (10 * runs) / n;
  const sum = counts.reduce((total, count) => total + (count - expected) ** 2 / expected, 0);
  return (sum * (n - 1)) / (n - 10);
}

describe('each request is as likely as any other', () => {
  test.each<[string, number[][]]>([
    ['of one second', [[200]]],
    ['of many seconds, with few and with many requests', [[3, 120, 0, 1, 40, 11, 9, 16]]],
    ['of several workers', [[50, 5], [12, 88, 2], [43]]],
    ['of one fewer than twice the sample', [[19]]],
  ])('%s', (_, secondsOfWorkers) => {
    const runs = 5000;
    const total = secondsOfWorkers.flat().reduce((sum, count) => sum + count, 0);
    const counts = new Array<number>(total).fill(0);
    for (let seed = 0; seed < runs; seed++) {
      const taken = sampleOf(seed, secondsOfWorkers);
      expect(taken).toHaveLength(10);
      for (const { n } of taken) counts[n]!++;
    }
    const freedom = total - 1;
    // Four standard deviations to either side; too even a spread would be no chance either.
    expect(Math.abs(chiSquare(counts, runs) - freedom)).toBeLessThan(4 * Math.sqrt(2 * freedom));
  });

  test('also of a hundred thousand, where most are skipped unseen', () => {
    const [requests, runs, tenths] = [100_000, 400, 10];
    const counts = new Array<number>(tenths).fill(0);
    for (let seed = 0; seed < runs; seed++) {
      for (const { n } of sampleOf(seed, [[requests]])) counts[Math.floor((n * tenths) / requests)]!++;
    }
    // 400 in each tenth, give or take √(4000 · 0.1 · 0.9) = 19.
    for (const count of counts) expect(Math.abs(count - 400)).toBeLessThan(4 * 19);
  });
});

test('the keys are the ten smallest of so many uniform ones: the largest is 10/(n + 1) in the mean', () => {
  const [requests, runs] = [5000, 2000];
  let sum = 0;
  for (let seed = 0; seed < runs; seed++) {
    sum += sampleOf(seed, [[requests]]).at(-1)!.key;
  }
  const mean = 10 / (requests + 1);
  // Its standard deviation is about mean/√10.
  expect(Math.abs(sum / runs - mean)).toBeLessThan((4 * mean) / Math.sqrt(10 * runs));
});

test('fewer than ten requests are all kept, over all seconds and workers', () => {
  expect(sampleOf(1, [[]])).toEqual([]);
  const taken = sampleOf(1, [[2, 0, 1], [4]]);
  expect(taken.map(({ n }) => n).toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

test('the same seed takes the same requests, another seed others', () => {
  const requests = [[900, 30], [500]];
  expect(sampleOf(7, requests)).toEqual(sampleOf(7, requests));
  expect(sampleOf(7, requests)).not.toEqual(sampleOf(8, requests));
});

test('of a million requests a few hundred are looked at', () => {
  const sample = new RequestSample<Numbered>(new Sfc32(3));
  let looks = 0;
  for (let n = 0; n < 1_000_000; n++) {
    if (!sample.isNextKept()) continue;
    looks++;
    sample.keep({ n });
  }
  // 10 · (1 + ln 100,000) = 125
  expect(looks).toBeGreaterThan(80);
  expect(looks).toBeLessThan(180);
});
