import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  noLatency,
  sampleExample,
  sampleLatency,
  sampleRun,
  sampleScenario,
  sampleSeries,
  sampleTest,
  troubledTest,
} from '../../test/support/sample-result.ts';
import type { RunResult, TestResult } from '../model/result.ts';
import { renderRun } from './terminal.ts';
import { cellsOf } from './text-fit.ts';

const plain = { columns: 80, colour: false };

function lines(result: RunResult, columns = 80): string[] {
  return renderRun(result, { columns, colour: false }).split('\n');
}

function one(part: Partial<TestResult>, columns = 80): string {
  return renderRun(sampleRun({ tests: [sampleTest(part)] }), { columns, colour: false });
}

test('a run where all is well says what was measured, that it passed, and where it lies', () => {
  const text = renderRun(sampleRun(), { ...plain, reportPath: '.plimsoll/runs/x' });
  expect(text).toBe(`✓ TestDashboardEndpointLoad › test_dashboard_concurrent_requests
  1,200 iterations · 1,200 requests in 30s · 40/s · 1.48 MB in · 138 kB out

                                                latency in ms
                        requests  rate/s    ok  mean  p50  p95  p99  max
  GET /dashboard/stats     1,200      40  100%   104  102  138  187  252

  ✓ success >= 95%      100%
  ✓ latency.p95 < 2s  138 ms

PASSED  1 test · 1,200 requests · 31.2s
report  .plimsoll/runs/x
`);
});

test('everything that went wrong is told, at 80 columns', () => {
  const run = sampleRun({ verdict: 'failed', tests: [sampleTest(), troubledTest()], problems: ['the disk is full'] });
  expect(renderRun(run, plain)).toMatchSnapshot();
});

test('the same at 40 columns', () => {
  expect(
    renderRun(sampleRun({ verdict: 'failed', tests: [troubledTest()] }), { ...plain, columns: 40 }),
  ).toMatchSnapshot();
});

describe('figures', () => {
  test('a percentile of few samples is marked, one of too few withheld', () => {
    const latency = sampleLatency({ p95: 138.2, p99: null, approximate: ['p95'] });
    const row = one({ series: [sampleSeries({ latency })] })
      .split('\n')
      .find((line) => line.includes('GET /'));
    expect(row).toMatch(/102 {2}~138 {4}– {2}252$/);
  });

  test.each([
    ['latency.mean < 1s', 1234.5, '1.23 s'],
    ['success >= 99%', 0.9876, '98.8%'],
    ['rate >= 500/s', 498.7, '499/s'],
    ['errors.timeout == 0', 12_345, '12,345'],
    ['cart.p95 < 20', 19.25, '19.25'],
    ['latency.p95 < 2s', null, '–'],
  ])('the measured value of %s has the unit of the threshold', (expression, value, shown) => {
    expect(one({ thresholds: [{ expression, ok: true, value }] })).toContain(`✓ ${expression}  ${shown}\n`);
  });

  test('closed-model tests say so beside latency, open ones need not', () => {
    expect(one({ model: 'closed' })).toContain('latency in ms, closed model\n');
    expect(one({ model: 'mixed' })).toContain('latency in ms, partly closed model\n');
    expect(one({ model: 'open' })).toContain('latency in ms\n');
  });

  test('with several series their sum comes before the steps', () => {
    const series = [
      sampleSeries({ name: 'checkout', kind: 'step' }),
      sampleSeries({ name: 'GET /a' }),
      sampleSeries({ name: 'GET /b' }),
    ];
    const names = one({ series })
      .split('\n')
      .map((line) => /^ {2}(GET \/\w|all requests|step checkout) /.exec(line)?.[1]);
    expect(names.filter(Boolean)).toEqual(['GET /a', 'GET /b', 'all requests', 'step checkout']);
  });

  test('with several scenarios a series says whose it is', () => {
    const scenarios = [sampleScenario({ name: 'browse' }), sampleScenario({ name: 'buy' })];
    expect(one({ scenarios, series: [sampleSeries({ name: 'GET /a', scenario: 'buy' })] })).toContain('GET /a (buy)');
  });

  test('of two hundred series the busiest thirty are shown', () => {
    const series = Array.from({ length: 200 }, (_, i) => sampleSeries({ name: `GET /s${i}.`, requests: i }));
    const text = one({ series });
    expect(text).toContain('GET /s199.');
    expect(text).not.toContain('GET /s169.');
    expect(text).toContain('and 170 more series in the report');
  });

  test('waiting and lag are told only when they matter', () => {
    const small = sampleLatency({ p50: 0.1, p95: 0.5, p99: 0.9, max: 1 });
    expect(one({ wait: small, lag: small })).not.toMatch(/wait|lag/);
    const large = sampleLatency({ p50: 20, p95: 40, p99: 60, max: 70 });
    expect(one({ wait: large, lag: large })).toMatch(/wait .*p50 20.0 ms[^]*lag .*p99 60.0 ms/);
  });

  test('the exceptions thrown most often come first, and none is left out of the sum', () => {
    const thrown = Array.from({ length: 12 }, (_, i) => ({
      place: `a.ts:${i}`,
      message: `no ${i}.`,
      count: i + 1,
      stack: '',
    }));
    const further = { place: '', message: 'further exceptions', count: 500, stack: '' };
    const text = one({ exceptions: [further, ...thrown] });
    expect(text).toMatch(/exceptions {2}12 × no 11\. at a\.ts:11\n {14}11 × no 10\. at a\.ts:10\n/);
    // Nine are named; the three rarest, 1 + 2 + 3, stand with the further ones.
    expect(text).toMatch(/ 4 × no 3\. at a\.ts:3\n {14}506 × further exceptions\n/);
    expect(text).not.toContain('no 2.');
    expect(one({ exceptions: thrown.slice(0, 10) })).not.toContain('further');
  });

  test('what had not begun is told of what was due, with the reason of its load model', () => {
    const late = { due: 1000, started: 200, completed: 200, notIssued: 800 };
    const of = (model: 'open' | 'closed') => one({ notIssued: 800, scenarios: [sampleScenario({ ...late, model })] });
    expect(of('open')).toMatch(/not issued {2}800 of 1,000 iterations: every VU was busy/);
    expect(of('closed')).toMatch(/not issued {2}800 of 1,000 iterations: the load ended before/);
  });

  test('what had not ended is counted, in grammar', () => {
    const text = one({ unfinished: 1, scenarios: [sampleScenario({ interrupted: 2 })] });
    expect(text).toMatch(/unfinished {2}1 request had no answer$/m);
    expect(text).toMatch(/cut off {5}2 iterations had not ended when the test did/);
  });

  test('the slowest request whose trace is known is told; without any, none is', () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const slowest = [sampleExample({ latency: 500 }), sampleExample({ traceId }), sampleExample({ traceId: 'a1' })];
    expect(one({ slowest })).toContain(`\n  slowest     412 ms GET /a at 12.3 s, trace ${traceId}\n`);
    expect(one({ slowest: slowest.slice(0, 1) })).not.toContain('slowest');
  });

  test('own metrics are shown in their unit', () => {
    const metrics = [
      { name: 'cart', kind: 'trend', unit: 'items', count: 2, value: 4.25, statistics: sampleLatency({ mean: 4.25 }) },
      { name: 'sold', kind: 'counter', unit: '€', count: 0, value: 12_000 },
      { name: 'hit', kind: 'rate', unit: '', count: 40, value: 0.5 },
      { name: 'none', kind: 'trend', unit: '', count: 0, value: null, statistics: noLatency },
    ] as const;
    const text = one({ metrics });
    expect(text).toContain('cart: mean 4.25, p50 101.9,');
    expect(text).toContain('sold: 12,000 €');
    expect(text).toContain('hit: 50% of 40');
    expect(text).toContain('none: –');
  });
});

describe('validity and verdict', () => {
  test('an invalid measurement says so with its reasons', () => {
    const reasons = [{ code: 'lag', message: 'the generator was late by 12 ms at p99', value: 12 }];
    const text = one({ verdict: 'invalid', validity: { state: 'INVALID', reasons } });
    expect(text).toContain(
      '! INVALID: the measurement cannot be trusted\n    the generator was late by 12 ms at p99\n',
    );
  });

  test('a failure is told once: not again when its threshold says it', () => {
    const thresholds = [{ expression: 'rate >= 50/s', ok: false, value: 40 }];
    const failures = ['threshold not held: rate >= 50/s', '34 arrivals were not issued'];
    const text = one({ verdict: 'failed', thresholds, failures });
    expect(text).not.toContain('not held');
    expect(text).toContain('✗ 34 arrivals were not issued');
  });

  test('a broken threshold that stopped the test: that it did is told too', () => {
    const expression = 'success >= 99%';
    const stopped = `threshold not held: ${expression}`;
    const failures = [`stopped early after 1.1s of 20s: ${stopped}`, stopped];
    const text = one({ verdict: 'failed', stopped, thresholds: [{ expression, ok: false, value: 0.5 }], failures });
    expect(text).toContain('✗ stopped early after 1.1s of 20s: threshold not held: success >= 99%');
    expect(text.split('not held')).toHaveLength(2);
  });

  test('why a test ended early is told once', () => {
    const stopped = 'the queue is full';
    expect(one({ verdict: 'failed', stopped, failures: [] })).toContain('stopped early: the queue is full');
    expect(one({ verdict: 'failed', stopped, failures: [`stopped early: ${stopped}`] }).split(stopped)).toHaveLength(2);
  });

  test('of many tests those that did not pass are listed at the end', () => {
    const tests = [sampleTest({ name: 'a' }), sampleTest({ group: '', name: 'b', verdict: 'failed' })];
    expect(renderRun(sampleRun({ verdict: 'failed', tests }), plain)).toMatch(
      /FAILED {2}2 tests · 1 did not pass.*\n {2}✗ b\n$/,
    );
  });

  test('a partial run says that it is one', () => {
    const text = renderRun(sampleRun({ verdict: 'partial', endedAt: null }), plain);
    expect(text).toContain('PARTIAL  1 test · 1,200 requests · still running, or cut off\n');
  });

  test('a run without tests', () => {
    const run = sampleRun({ verdict: 'unreachable', tests: [], problems: ['http://127.0.0.1:3000 does not answer'] });
    expect(renderRun(run, plain)).toBe(
      'UNREACHABLE  no test was run · 31.2s\n  ! http://127.0.0.1:3000 does not answer\n',
    );
  });
});

describe('any terminal', () => {
  const names = fc.oneof(
    fc.constantFrom(
      '多字节名字测试',
      '👩‍👩‍👧‍👦 family',
      'e\u0301\u0301',
      'a\u001b[31mred\u001b[0m',
      'tab\tand\r\nbreaks',
      ' ',
    ),
    fc.string({ unit: 'grapheme', maxLength: 120 }),
  );

  test('no line is wider than the terminal, and no name can move the cursor', () => {
    fc.assert(
      fc.property(names, names, fc.integer({ min: 20, max: 140 }), (name, series, columns) => {
        const troubled = troubledTest({ name, series: [sampleSeries({ name: series }), sampleSeries({ name })] });
        for (const line of lines(sampleRun({ verdict: 'failed', tests: [troubled, sampleTest()] }), columns)) {
          expect(cellsOf(line), line).toBeLessThanOrEqual(columns);
          expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('without UTF-8 every character is ASCII', () => {
    const text = renderRun(sampleRun({ tests: [troubledTest()] }), { ...plain, unicode: false });
    expect(text).toMatch(/^[\n\x20-\x7e]*$/);
    expect(text).toContain('x Sessions <list> & "more" > many | sessions at once ?');
  });

  test('colour changes no character', () => {
    const run = sampleRun({ verdict: 'failed', tests: [sampleTest(), troubledTest()] });
    const coloured = renderRun(run, { columns: 80, colour: true });
    expect(coloured).toContain('\u001b[32m✓\u001b[39m');
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(renderRun(run, plain));
  });
});

const sockets = {
  attempts: 1203,
  opened: 1200,
  refused: 3,
  unanswered: 0,
  refusedIn: { dns: 0, tcp: 1, tls: 0, upgrade: 2, namespace: 0 },
  refusedStatus: { '503': 2 },
  retryAfterMaxSeconds: 7,
  open: 0,
  messagesIn: 1,
  messagesOut: 24_000,
  unclaimed: 1700,
  bytesIn: 45,
  bytesOut: 2_400_000,
  closed: { '1000': 1190, '1006': 10 },
  connect: noLatency,
  phases: {
    dns: noLatency,
    tcp: sampleLatency({ p50: 0.21, p95: 0.4 }),
    tls: sampleLatency({ p50: 12.3, p95: null }),
    upgrade: sampleLatency({ p50: 1.2, p95: 3, approximate: ['p95'] }),
    namespace: noLatency,
  },
};

test('WebSockets and tags are among the facts of a test', () => {
  const text = one({ sockets, tags: { env: 'staging', release: '7' } }, 200);
  expect(text.split('\n').slice(1, 4)).toEqual([
    '  1,200 iterations · 1,200 requests in 30s · 40/s · 1.48 MB in · 138 kB out · 1,200 WebSockets · ' +
      '3 refused (1 at tcp, 2 at upgrade: 2 × 503, Retry-After up to 7s) · 1 message in (45 B)',
    '  24,000 messages out (2.40 MB) · 1,700 that nobody waited for · closed: 1,190 × 1000, 10 × 1006 · env=staging · release=7',
    '  connecting, p50 / p95 in ms: tcp 0.21 / 0.40, tls 12.3 / –, upgrade 1.20 / ~3.00',
  ]);
});
