/**
 * Whatever happens to requests, the books balance to the last one and Σ latency equals the time in flight: random mixes
 * of outcomes, load models and workers, against a server that also counts.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { answerOf, rawServer, type RawRequest } from '../../../test/support/raw-server.ts';
import { judgeBooks } from '../../judge/books.ts';
import {
  constantArrivalRate,
  constantVus,
  perVuIterations,
  rampingVus,
  sharedIterations,
  type LoadModel,
} from '../../model/load-model.ts';
import type { TestFunction } from '../../model/suite.ts';
import { plannedArrivals } from '../../pacing/arrivals.ts';
import { scenarioSeed } from '../../pacing/scenario-seed.ts';
import { runHere } from './test-run.fixture.ts';

const behaviours = {
  good: ({ socket }) => socket.write(answerOf('good')),
  slow: ({ socket }) => setTimeout(() => socket.write(answerOf('slow')), 30),
  trickle: ({ socket }) => {
    socket.write(answerOf('12345').slice(0, -3));
    setTimeout(() => socket.write('345'), 8);
  },
  missing: ({ socket }) => socket.write('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n'),
  limited: ({ socket }) => socket.write('HTTP/1.1 429 Too Many\r\ncontent-length: 0\r\n\r\n'),
  redirect: ({ socket }) => socket.write('HTTP/1.1 302 Found\r\nlocation: /good\r\ncontent-length: 0\r\n\r\n'),
  lost: ({ socket }) =>
    socket.write('HTTP/1.1 302 Found\r\nlocation: http://elsewhere.test/\r\ncontent-length: 0\r\n\r\n'),
  close: ({ socket }) => socket.end(answerOf('last', 'connection: close\r\n')),
  drop: ({ socket }) => socket.destroy(),
  reset: ({ socket }) => socket.resetAndDestroy(),
  cut: ({ socket }) => socket.end(answerOf('whole').slice(0, -2)),
  rubbish: ({ socket }) => socket.write('hello\r\n\r\n'),
  behind: ({ socket }) => socket.write(`${answerOf('good')}rubbish`),
  hang: () => undefined,
} satisfies Record<string, (request: RawRequest) => unknown>;

type Behaviour = keyof typeof behaviours;
const names = Object.keys(behaviours) as Behaviour[];

const load: fc.Arbitrary<LoadModel> = fc.oneof(
  fc
    .record({ vus: fc.integer({ min: 1, max: 6 }), iterations: fc.integer({ min: 1, max: 30 }) })
    .map((options) => sharedIterations({ ...options, maxDuration: 120 })),
  fc
    .record({ vus: fc.integer({ min: 1, max: 4 }), iterations: fc.integer({ min: 1, max: 8 }) })
    .map((options) => perVuIterations({ ...options, maxDuration: 120 })),
  fc.integer({ min: 1, max: 5 }).map((vus) => constantVus({ vus, duration: 100 })),
  fc.integer({ min: 0, max: 5 }).map((target) => rampingVus({ startVus: 2, stages: [{ duration: 100, target }] })),
  fc
    .record({ rate: fc.integer({ min: 10, max: 400 }), vus: fc.integer({ min: 1, max: 4 }), more: fc.nat(20) })
    .map(({ rate, vus, more }) => constantArrivalRate({ rate, vus, maxVus: vus + more, duration: 100 })),
);

/** What an iteration does: requests one after another or at once, sleeps, steps, throws, forgets to wait. */
const move = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constantFrom('get', 'post', 'forget'), path: fc.constantFrom(...names) }),
  },
  fc.record({ kind: fc.constant('sleep'), path: fc.constant('good') }),
  fc.record({ kind: fc.constant('step'), path: fc.constantFrom(...names) }),
  fc.record({ kind: fc.constantFrom('throw', 'both'), path: fc.constantFrom(...names) }),
);
type Move = typeof move extends fc.Arbitrary<infer T> ? T : never;

function runOf(script: readonly Move[]): TestFunction {
  return async ({ http, sleep, step, iteration }) => {
    for (const { kind, path } of script) {
      const url = `/${path}`;
      if (kind === 'get') (await http.get(url)).check('even', () => iteration.index % 2 === 0);
      else if (kind === 'post') await http.post(url, { json: { n: iteration.index } });
      else if (kind === 'forget') void http.get(url);
      else if (kind === 'sleep') await sleep(5);
      else if (kind === 'step') await step('part', (inner) => inner.http.get(url));
      else if (kind === 'both') await Promise.all([http.get(url), http.get('/good')]);
      else if (iteration.index % 3 === 0) throw new Error(`mistake ${iteration.index}`);
    }
  };
}

const plan = fc.record({
  scenarios: fc.array(
    fc.record({ load, script: fc.array(move, { maxLength: 4 }), startAfterMs: fc.constantFrom(0, 40) }),
    {
      minLength: 1,
      maxLength: 2,
    },
  ),
  workers: fc.integer({ min: 1, max: 3 }),
  timeoutMs: fc.constantFrom(25, 5000),
  gracefulStopMs: fc.constantFrom(0, 20, 60),
  connections: fc.constantFrom('before' as const, 'lazy' as const, 'perIteration' as const),
  connectionsPerHost: fc.integer({ min: 1, max: 6 }),
  stopAfterMs: fc.constantFrom(undefined, undefined, 50),
});

test('any mix of outcomes, load models and workers balances', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      plan,
      async ({ scenarios, workers, timeoutMs, gracefulStopMs, connections, stopAfterMs, ...rest }) => {
        const server = await rawServer((request) => {
          behaviours[request.line.slice(request.line.indexOf('/') + 1) as Behaviour](request);
        });
        const outcome = await runHere({
          target: server.url,
          workers,
          http: { timeoutMs, connectionsPerHost: rest.connectionsPerHost },
          test: { gracefulStopMs, connections },
          scenarios: Object.fromEntries(
            scenarios.map(({ script, ...each }, n) => [`s${n}`, { ...each, run: runOf(script) }]),
          ),
          onStarted: (host) => {
            if (stopAfterMs !== undefined) setTimeout(() => host.stop(0), stopAfterMs);
          },
        });
        const { totals, durationMs } = outcome;
        const isOpen = scenarios.every((each) => each.load.kind === 'arrival-rate');
        const planned = scenarios.map((each, n) =>
          each.load.kind === 'arrival-rate' ? plannedArrivals(each.load, scenarioSeed(1, 0, n)) : 0,
        );
        const books = judgeBooks(totals, {
          durationMs,
          stopped: stopAfterMs === undefined ? '' : 'stopped',
          plannedArrivals: isOpen ? planned.reduce((sum, each) => sum + each, 0) : null,
          lostWorkers: [],
          partial: false,
        });
        expect(books.breaches).toEqual([]);
        const { exactLatencySumUs, inFlightAreaUs } = totals.books;
        expect(Math.abs(exactLatencySumUs - inFlightAreaUs)).toBeLessThanOrEqual(1);
        // The server counts too: it never saw more than were issued, sent again and redirected; nor fewer than were answered.
        const { issued, expected, limited } = totals.overall;
        const redirected = server.requests.filter((request) => /redirect|lost/.test(request.line)).length;
        expect(server.requests.length).toBeLessThanOrEqual(issued + totals.overall.resent + redirected);
        expect(server.requests.length).toBeGreaterThanOrEqual(expected + limited);
        // Nothing stays open behind the test.
        await expect.poll(() => server.sockets.size, { interval: 1 }).toBe(0);
      },
    ),
    { seed: 19, numRuns: 25 },
  );
});
