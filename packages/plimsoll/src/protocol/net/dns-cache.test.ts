import { expect, test } from 'vitest';
import { systemClock } from '../../kernel/clock.ts';
import type { Clock } from '../../kernel/clock.ts';
import { DnsCache } from './dns-cache.ts';
import type { DnsCallback, ResolvedAddress } from './dns-cache.ts';

/** A name service that answers when told to, and a clock that stands still. */
function scripted(ttlMs = 1000) {
  const asked: { host: string; done: DnsCallback }[] = [];
  const time = { nowMs: 0 };
  const clock: Clock = {
    now: () => time.nowMs,
    wallMs: () => time.nowMs,
    after: () => ({ cancel: () => {} }),
    soon: () => ({ cancel: () => {} }),
  };
  const cache = new DnsCache(clock, { ttlMs, lookup: (host, done) => asked.push({ host, done }) });
  const answers: string[] = [];
  const resolve = (host: string) =>
    cache.resolve(host, (error, found) =>
      answers.push(error ? `error ${error.message}` : found.map(({ address }) => address).join(' ')),
    );
  return { cache, asked, answers, resolve, time };
}

const two: ResolvedAddress[] = [
  { address: '10.0.0.1', family: 4 },
  { address: '10.0.0.2', family: 4 },
];

test('requests that come together share one look-up, and each starts at another address', () => {
  const { resolve, asked, answers } = scripted();
  resolve('a');
  resolve('a');
  resolve('a');
  expect(asked).toHaveLength(1);
  asked[0]!.done(undefined, two);
  expect(answers).toEqual(['10.0.0.1 10.0.0.2', '10.0.0.2 10.0.0.1', '10.0.0.1 10.0.0.2']);
});

test('an answer is kept until its time is over, and no longer', () => {
  const { resolve, asked, time } = scripted(1000);
  resolve('a');
  asked[0]!.done(undefined, two);
  time.nowMs = 999;
  resolve('a');
  expect(asked).toHaveLength(1);
  time.nowMs = 1000;
  resolve('a');
  expect(asked).toHaveLength(2);
});

test('a failure reaches everyone who waits, and the name is left alone for a second', () => {
  const { resolve, asked, answers, time } = scripted(60_000);
  resolve('a');
  resolve('a');
  asked[0]!.done(new Error('not found'), []);
  time.nowMs = 999;
  resolve('a');
  expect(answers).toEqual(['error not found', 'error not found', 'error not found']);
  expect(asked).toHaveLength(1);
  time.nowMs = 1000;
  resolve('a');
  expect(asked).toHaveLength(2);
});

test('a name without any address is a failure', () => {
  const { resolve, asked, answers } = scripted();
  resolve('a');
  asked[0]!.done(undefined, []);
  expect(answers).toEqual(['error no address']);
});

test('an address that refused comes last for ten seconds', () => {
  const { cache, resolve, asked, answers, time } = scripted(60_000);
  resolve('a');
  asked[0]!.done(undefined, two);
  cache.avoid('a', '10.0.0.1');
  resolve('a');
  resolve('a');
  time.nowMs = 10_000;
  resolve('a');
  resolve('a');
  expect(answers.slice(1)).toEqual([
    '10.0.0.2 10.0.0.1',
    '10.0.0.2 10.0.0.1',
    '10.0.0.2 10.0.0.1',
    '10.0.0.1 10.0.0.2',
  ]);
});

test('IP literals are never looked up', () => {
  const { resolve, asked, answers } = scripted();
  resolve('127.0.0.1');
  resolve('::1');
  expect(answers).toEqual(['127.0.0.1', '::1']);
  expect(asked).toHaveLength(0);
});

test('the system resolver keeps names below localhost on this machine', async () => {
  const cache = new DnsCache(systemClock);
  const found = await new Promise<readonly ResolvedAddress[]>((resolve, reject) => {
    cache.resolve('app.localhost', (error, addresses) => (error ? reject(error) : resolve(addresses)));
  });
  expect(found.length).toBeGreaterThan(0);
  for (const { address, family } of found) {
    expect(['127.0.0.1', '::1']).toContain(address);
    expect(family).toBe(address === '::1' ? 6 : 4);
  }
});
