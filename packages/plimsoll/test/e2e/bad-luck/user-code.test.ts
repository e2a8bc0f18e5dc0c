/** What a test's own code does to itself costs the test, not the tool, and is said with its place. */
import { expect, test } from 'vitest';
import { startOrigin } from '../../support/origin.ts';
import { everything, makeProject, runTestFile } from '../../support/run-cli.ts';

test('a test that always throws fails, and the place is the line in its TypeScript', async () => {
  const origin = await startOrigin();
  const body = `
    loadTest('throws', { load: sharedIterations({ vus: 4, iterations: 100 }) }, async ({ http }) => {
      await http.get('/thing');
      const rows: number[] = [];
      (rows[0] as unknown as { size: () => void }).size();
    });`;
  const { code, test: measured } = await runTestFile(body, ['--target', origin.url]);
  expect(code).toBe(1);
  expect(measured.expected).toBe(100);
  expect(measured.scenarios[0]!.failed).toBe(100);
  expect(measured.exceptions).toHaveLength(1);
  const [exception] = measured.exceptions;
  expect(exception!.count).toBe(100);
  expect(exception!.place).toMatch(/a\.load\.ts:6/);
  expect(exception!.message).toContain('undefined');
  expect(exception!.stack).toContain('a.load.ts:6');
  expect(measured.failures.join(' ')).toMatch(/exception/);
});

test('what Node or plimsoll throws has the place that called it', async () => {
  const body = `
    import { readFileSync } from 'node:fs';
    loadTest('calls wrongly', { load: perVuIterations({ vus: 1, iterations: 2 }) }, async ({ http, iteration }) => {
      if (iteration.index === 0) readFileSync('gone.txt');
      await http.get('http://127.0.0.1:9/', { headers: { x: 'a\\r\\nb' } });
    });`;
  const { code, test: measured } = await runTestFile(body, []);
  expect(code).toBe(1);
  expect(measured.exceptions.map(({ message, place }) => [message, place])).toEqual([
    [expect.stringContaining('ENOENT'), expect.stringMatching(/^a\.load\.ts:5:/)],
    [expect.stringContaining('could end the line'), expect.stringMatching(/^a\.load\.ts:6:/)],
  ]);
});

test('a test that throws now and then: counted by place, the others go on', async () => {
  const origin = await startOrigin();
  const body = `
    loadTest('throws at times', { load: sharedIterations({ vus: 4, iterations: 200 }) }, async ({ http, iteration }) => {
      await http.get('/thing');
      if (iteration.index % 10 === 3) throw new Error('every tenth');
      if (iteration.index % 50 === 7) throw new TypeError('every fiftieth');
    });`;
  const { code, test: measured } = await runTestFile(body, ['--target', origin.url]);
  expect(code).toBe(1);
  const counts = measured.exceptions.map(({ message, count }) => [message, count]);
  expect(counts).toEqual(
    expect.arrayContaining([
      [expect.stringContaining('every tenth'), 20],
      [expect.stringContaining('every fiftieth'), 4],
    ]),
  );
  expect(measured.iterations).toBe(200);
  expect(measured.scenarios[0]!.completed).toBe(176);
});

test('what is thrown need not be an error', async () => {
  const origin = await startOrigin();
  const body = `
    loadTest('throws oddly', { load: perVuIterations({ vus: 1, iterations: 3 }) }, async ({ http, iteration }) => {
      await http.get('/thing');
      throw [undefined, null, { not: 'an error' }][iteration.index];
    });`;
  const { code, test: measured } = await runTestFile(body, ['--target', origin.url]);
  expect(code).toBe(1);
  expect(measured.exceptions.reduce((sum, each) => sum + each.count, 0)).toBe(3);
});

test('a worker that ends itself costs its own share, and the next test runs', async () => {
  const origin = await startOrigin();
  const file = `${everything}
    loadTest('ends itself', { load: constantArrivalRate({ rate: 100, duration: '3s' }) }, async ({ http, iteration }) => {
      if (iteration.index === 100) process.exit(7);
      await http.get('/first');
    });
    loadTest('afterwards', { load: sharedIterations({ vus: 2, iterations: 20 }) }, async ({ http }) => { await http.get('/second'); });`;
  const run = await makeProject({ 'a.load.ts': file }).run(['run', '--json', '--workers', '2', '--target', origin.url]);
  const [first, second] = run.result!.tests;
  expect(run.code).toBe(3);
  expect(first!.verdict).toBe('invalid');
  expect(first!.validity.reasons.find((reason) => reason.code === 'worker-lost')?.message).toMatch(
    /died.*50\.0 %.*code 7/,
  );
  // The other worker's half, and the first second of this one.
  expect(first!.expected).toBeGreaterThan(140);
  expect(second!.verdict).toBe('passed');
  expect(second!.expected).toBe(20);
});

test('a worker in an endless loop is noticed, said and given up', { timeout: 90_000 }, async () => {
  const origin = await startOrigin();
  const body = `
    loadTest('loops', { load: constantArrivalRate({ rate: 50, duration: '4s' }), gracefulStop: '1s' }, async ({ http, iteration }) => {
      if (iteration.index === 50) for (;;);
      await http.get('/thing');
    });`;
  const {
    code,
    test: measured,
    tookMs,
  } = await runTestFile(body, ['--workers', '2', '--target', origin.url], { timeoutMs: 80_000 });
  expect(code).toBe(3);
  expect(measured.validity.reasons.find((reason) => reason.code === 'worker-lost')?.message).toMatch(/stuck.*50\.0 %/);
  expect(measured.expected).toBeGreaterThan(80);
  expect(tookMs).toBeLessThan(40_000);
});

test('a promise nobody waits for that fails is an exception of the test', async () => {
  const origin = await startOrigin();
  const body = `
    loadTest('forgets', { load: perVuIterations({ vus: 1, iterations: 5 }) }, async ({ http }) => {
      void (async () => { await http.get('/thing'); throw new Error('nobody listens'); })();
      await new Promise((resolve) => setTimeout(resolve, 50));
    });`;
  const { code, test: measured } = await runTestFile(body, ['--target', origin.url]);
  expect(code).toBe(1);
  expect(measured.exceptions.map((each) => each.message).join()).toContain('nobody listens');
});
