/**
 * Servers that nobody here wrote, in every way they can answer: no error that the server did not make, every body whole,
 * and as many requests in its own log as in our books.
 */
import { describe, expect } from 'vitest';
import type { TestResult } from '../../../src/model/result.ts';
import { authority } from '../certificates.ts';
import {
  largeText,
  smallText,
  startServer,
  testWith,
  type RunningServer,
  type ServerKind,
  type ServerWishes,
} from './private-instance.ts';
import { quick, runTestFile } from '../run-cli.ts';

const both = [false, true];
export const cases: readonly ServerWishes[] = both.flatMap((tls) =>
  both.flatMap((keepAlive) => both.map((chunked) => ({ tls, keepAlive, chunked }))),
);

export function title({ tls, keepAlive, chunked }: ServerWishes): string {
  return [
    tls ? 'TLS' : 'plain',
    keepAlive ? 'keep-alive' : 'a connection each',
    chunked ? 'chunked' : 'with a length',
  ].join(', ');
}

/** Of two requests each. A handshake for each costs the server most, and a program for each the next. */
export function iterationsFor({ tls, keepAlive, chunked }: ServerWishes): number {
  return (tls && !keepAlive) || chunked ? 250 : 1000;
}

/** Two GETs an iteration; with keep-alive sometimes a pause about as long as the server keeps idle connections. */
export async function load({ url }: RunningServer, wishes: ServerWishes): Promise<TestResult> {
  const { tls, keepAlive } = wishes;
  const body = `
    const texts = ${JSON.stringify([smallText, largeText])};
    loadTest('real', {
      load: sharedIterations({ vus: 20, iterations: ${iterationsFor(wishes)} }),
      http: { ${tls ? `tls: { ca: ${JSON.stringify(authority)} }` : ''} },
      thresholds: ['success >= 100%'],
    }, async ({ http, sleep, random }) => {
      (await http.get('/small.txt')).check('small is whole', (r) => r.text() === texts[0]);
      ${keepAlive ? 'if (random.number() < 0.1) await sleep(random.integer(40, 60));' : ''}
      (await http.get('/large.txt')).check('large is whole', (r) => r.text() === texts[1]);
    });`;
  const { test } = await runTestFile(body, ['--target', url]);
  return test;
}

export function expectNoError(measured: TestResult, requests: number): void {
  expect(measured.errors).toEqual({});
  expect(measured.failed).toBe(0);
  expect(measured.checkFailed).toBe(0);
  expect(measured.status).toEqual({ 200: requests });
  expect(measured.exceptions).toEqual([]);
}

/** All cases of one server, and `quick` against it. */
export function describeServer(kind: ServerKind): void {
  describe(kind.name, () => {
    for (const wishes of cases) {
      testWith([kind], wishes)(title(wishes), async () => {
        const server = await startServer(kind, wishes);
        const requests = 2 * iterationsFor(wishes);
        const measured = await load(server, wishes);
        expectNoError(measured, requests);
        // What was sent again had met a connection that the server was closing: it never saw that.
        await expect.poll(() => server.loggedStatuses(), { timeout: 5000 }).toEqual({ 200: requests });
        if (wishes.keepAlive) expect(measured.connectionsOpened).toBeLessThan(requests / 2);
        else expect(measured.connectionsOpened).toBeGreaterThanOrEqual(requests);
      });
    }

    const plain = { tls: false, keepAlive: true, chunked: false };
    testWith([kind], plain)('quick', async () => {
      const server = await startServer(kind, plain);
      const { test: measured } = await quick(`${server.url}/small.txt`, ['-c', '20', '-n', '3000']);
      expectNoError(measured, 3000);
      await expect.poll(() => server.loggedStatuses(), { timeout: 5000 }).toEqual({ 200: 3000 });
    });
  });
}
