import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { judgeBooks } from '../../judge/books.ts';
import type { EndOfTest } from '../../judge/end-of-test.ts';
import { judgeValidity } from '../../judge/validity.ts';
import { constantArrivalRate, constantVus, perVuIterations, sharedIterations } from '../../model/load-model.ts';
import type { TestFunction } from '../../model/suite.ts';
import { summarise } from '../../stats/summary.ts';
import { runHere, type RunOutcome } from './test-run.fixture.ts';

async function serve(listener: RequestListener): Promise<{ server: Server; url: string }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function expectBalanced({ totals, durationMs }: RunOutcome): void {
  expect(judgeBooks(totals, endAfter(durationMs)).breaches).toEqual([]);
}

function endAfter(durationMs: number): EndOfTest {
  return { durationMs, stopped: '', plannedArrivals: null, lostWorkers: [], partial: false };
}

function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

test('a fixed request, the way quick runs it', async () => {
  let seen = 0;
  const { url } = await serve((_, response) => {
    seen++;
    response.end('hello');
  });
  const load = sharedIterations({ vus: 4, iterations: 100 });
  const quick = { url: `${url}/`, method: 'GET', headers: {}, load };
  const outcome = await runHere({ quick });
  expect(seen).toBe(100);
  expect(outcome.totals.overall).toMatchObject({ requests: 100, expected: 100, success: 1 });
  expect(outcome.totals.machine.connectionsOpened).toBe(4);
  expectBalanced(outcome);
});

test('iterations with requests, checks and exceptions', async () => {
  const { url } = await serve((request, response) => {
    response.statusCode = request.url === '/missing' ? 404 : 200;
    response.end(JSON.stringify({ url: request.url }));
  });
  const outcome = await runHere({
    target: url,
    scenarios: {
      default: {
        load: perVuIterations({ vus: 3, iterations: 20 }),
        run: async ({ http, iteration }) => {
          const found = await http.get('/items/{id}', { path: { id: iteration.index } });
          found.check('own id', (r) => r.json<{ url: string }>().url === `/items/${iteration.index}`);
          found.check('even', () => iteration.index % 2 === 0);
          const missing = await http.get('/missing');
          if (iteration.index % 10 === 0) missing.orThrow();
        },
      },
    },
  });
  const { totals } = outcome;
  expect(totals.overall).toMatchObject({ requests: 120, expected: 60, failed: 60, checkFailed: 30 });
  expect(totals.overall.success).toBe(0.25);
  expect([...totals.series.values()].map((each) => each.name)).toEqual(['GET /items/{id}', 'GET /missing']);
  expect([...totals.checks.values()]).toEqual([
    { series: 'GET /items/{id}', name: 'own id', passed: 60, failed: 0 },
    { series: 'GET /items/{id}', name: 'even', passed: 30, failed: 30 },
  ]);
  expect(totals.scenarios.get('default')).toMatchObject({ due: 60, started: 60, completed: 54, failed: 6 });
  expect([...totals.exceptions.values()]).toMatchObject([
    { count: 6, message: 'GET /missing: status 404 was not expected' },
  ]);
  expectBalanced(outcome);
});

describe('a generator that stands still for 200 ms of 500 is late', () => {
  const load = constantArrivalRate({ rate: 80, duration: 500, spacing: 'constant', vus: 100 });
  const get: TestFunction = async ({ http }) => {
    await http.get('/');
  };
  /** Arrival 10 blocks, and 16 of 40 fall due meanwhile. */
  const blocking =
    (requests: number): TestFunction =>
    async (context) => {
      if (context.iteration.index === 10) block(200);
      for (let n = 0; n < requests; n++) await get(context);
    };

  function expectLate({ test, totals, durationMs }: RunOutcome): void {
    expect(totals.lag.count).toBe(40);
    expect(totals.lag.valueAtPercentile(75)).toBeGreaterThan(50_000);
    const end = endAfter(durationMs);
    const { state, reasons } = judgeValidity(test, totals, end, judgeBooks(totals, end));
    expect([state, reasons[0]?.code]).toEqual(['INVALID', 'lag']);
  }

  test('however many requests an arrival makes', async () => {
    const { url } = await serve((_, response) => response.end());
    const outcome = await runHere({ target: url, scenarios: { default: { load, run: blocking(50) } } });
    expect(outcome.totals.overall.expected).toBe(2000);
    expectLate(outcome);
  });

  test('however many requests other scenarios make, that know no due time', async () => {
    const { url } = await serve((_, response) => response.end());
    const busy = { load: constantVus({ vus: 10, duration: 500 }), run: get };
    const outcome = await runHere({ target: url, scenarios: { busy, rate: { load, run: blocking(1) } } });
    expect(outcome.totals.overall.expected).toBeGreaterThan(40);
    expectLate(outcome);
  });

  test('without any request', async () => {
    expectLate(await runHere({ scenarios: { default: { load, run: blocking(0) } } }));
  });
});

describe('mistakes of a test function', () => {
  const forgetful = {
    'an async function that does not await': async ({ http }: { http: { get(path: string): unknown } }) => {
      http.get('/');
    },
    'a plain function that does not return': ({ http }: { http: { get(path: string): unknown } }) => {
      http.get('/');
    },
  };
  test.each(Object.entries(forgetful))('%s still loads one request at a time', async (_, run) => {
    let open = 0;
    let most = 0;
    const { url } = await serve((request, response) => {
      most = Math.max(most, ++open);
      setTimeout(() => {
        open--;
        response.end();
      }, 20);
      request.resume();
    });
    const load = constantVus({ vus: 2, duration: 300 });
    const outcome = await runHere({ target: url, scenarios: { default: { load, run } } });
    expect(most).toBe(2);
    const { started, completed } = outcome.totals.scenarios.get('default')!;
    expect(outcome.totals.overall).toMatchObject({ issued: started, expected: started, unfinished: 0 });
    expect(completed).toBe(started);
    expect(started).toBeGreaterThan(4);
    expect(started).toBeLessThanOrEqual(32);
    expect(summarise(outcome.totals.scenarios.get('default')!.iteration).min).toBeGreaterThanOrEqual(18);
    expectBalanced(outcome);
  });

  test('one that does nothing leaves the event loop its turns, and ends when it should', async () => {
    const load = constantVus({ vus: 2, duration: 100 });
    const outcome = await runHere({ scenarios: { default: { load, run: async () => undefined } } });
    expect(outcome.durationMs).toBeLessThan(1000);
    expect(outcome.totals.scenarios.get('default')!.completed).toBeGreaterThan(10);
    expectBalanced(outcome);
  });

  test('a request given up before it began does not stop the world either', async () => {
    const { url } = await serve((_, response) => response.end());
    const load = constantVus({ vus: 1, duration: 100 });
    const outcome = await runHere({
      target: url,
      scenarios: {
        default: {
          load,
          run: async ({ http }) => {
            await http.get('/', { signal: AbortSignal.abort() });
          },
        },
      },
    });
    expect(outcome.durationMs).toBeLessThan(1000);
    const { overall } = outcome.totals;
    expect(overall.failed).toBe(overall.issued);
    expect(overall.errors.get('aborted')).toBe(overall.issued);
    expectBalanced(outcome);
  });

  test('messages with an id in them, 300 kinds of them, are counted to the last', async () => {
    const load = sharedIterations({ vus: 3, iterations: 300 });
    const run = async ({ iteration }: { iteration: { index: number } }) => {
      throw new Error(`id ${iteration.index}`);
    };
    const { totals } = await runHere({ scenarios: { default: { load, run } } });
    expect(totals.exceptions.size).toBeLessThanOrEqual(101);
    expect([...totals.exceptions.values()].reduce((sum, each) => sum + each.count, 0)).toBe(300);
    expect(totals.scenarios.get('default')).toMatchObject({ failed: 300, completed: 0 });
  });

  test('a throw in what is expected is an unexpected answer', async () => {
    const { url } = await serve((_, response) => response.end());
    const load = sharedIterations({ vus: 1, iterations: 3 });
    const expectation = (): boolean => {
      throw new Error('mistake');
    };
    const outcome = await runHere({
      target: url,
      scenarios: {
        default: {
          load,
          run: async ({ http }) => {
            await http.get('/', { expect: expectation });
          },
        },
      },
    });
    expect(outcome.totals.overall).toMatchObject({ failed: 3, expected: 0 });
    expectBalanced(outcome);
  });

  test('an async check fails, whatever it becomes', async () => {
    const { url } = await serve((_, response) => response.end());
    const load = sharedIterations({ vus: 1, iterations: 1 });
    const test = (async () => true) as unknown as () => boolean;
    const { totals } = await runHere({
      target: url,
      scenarios: {
        default: {
          load,
          run: async ({ http }) => {
            (await http.get('/')).check('later', test);
          },
        },
      },
    });
    expect([...totals.checks.values()]).toMatchObject([{ passed: 0, failed: 1 }]);
  });
});
