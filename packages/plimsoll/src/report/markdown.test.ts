import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  noLatency,
  sampleExample,
  sampleLatency,
  sampleRun,
  sampleSeries,
  sampleTest,
  troubledTest,
} from '../../test/support/sample-result.ts';
import { byPhase } from '../stats/socket-phases.ts';
import { longestSummary, renderMarkdown } from './markdown.ts';

/** Cells of a table's row, as GitHub divides them. */
function cells(row: string): string[] {
  return row.split(/(?<!\\)\|/).slice(1, -1);
}

function tableRows(markdown: string): string[] {
  return markdown.split('\n').filter((line) => line.startsWith('|'));
}

test('a run that passed: the verdict, a line for each test, its series folded away', () => {
  expect(renderMarkdown(sampleRun())).toBe(`## ✅ dashboard passed

1 test · 1,200 requests · 31.2s · http://127.0.0.1:3000

|  | test | requests | rate/s | ok | p50 ms | p95 ms | p99 ms | max ms |
| --- | --- | --: | --: | --: | --: | --: | --: | --: |
| ✅ | TestDashboardEndpointLoad › test\\_dashboard\\_concurrent\\_requests | 1,200 | 40 | 100% | 102 | 138 | 187 | 252 |

<details><summary>TestDashboardEndpointLoad › test_dashboard_concurrent_requests</summary>

| series | requests | rate/s | ok | p50 ms | p95 ms | p99 ms | max ms |
| --- | --: | --: | --: | --: | --: | --: | --: |
| GET /dashboard/stats | 1,200 | 40 | 100% | 102 | 138 | 187 | 252 |

- ✓ success &gt;= 95%: 100%
- ✓ latency.p95 &lt; 2s: 138 ms

</details>
`);
});

test('what went wrong is told before the tables', () => {
  const text = renderMarkdown(sampleRun({ verdict: 'failed', tests: [sampleTest(), troubledTest()] }));
  expect(text).toMatchSnapshot();
});

test('a broken threshold that stopped the test: the summary says so', () => {
  const expression = 'success >= 99%';
  const stopped = `threshold not held: ${expression}`;
  const failures = [`stopped early after 1.1s of 20s: ${stopped}`, stopped];
  const thresholds = [{ expression, ok: false, value: 0.5 }];
  const test = sampleTest({ verdict: 'failed', stopped, thresholds, failures });
  expect(renderMarkdown(sampleRun({ verdict: 'failed', tests: [test] }))).toContain(
    '- success &gt;= 99%: was 50%\n- stopped early after 1.1s of 20s: threshold not held: success &gt;= 99%\n',
  );
});

test('what was sent again is told beside the errors', () => {
  const tests = [troubledTest({ resent: 1200, requests: 3000 })];
  expect(renderMarkdown(sampleRun({ verdict: 'failed', tests }))).toContain('- sent again: 1,200 of 3,000 requests\n');
});

test('what happened to the run comes with its problems', () => {
  const text = renderMarkdown(
    sampleRun({ verdict: 'unreachable', tests: [], problems: ['nothing listens on port 3000'] }),
  );
  expect(text).toBe(
    '## ❌ dashboard unreachable: the target did not answer\n\nno test was run · 31.2s · http://127.0.0.1:3000\n\n- nothing listens on port 3000\n',
  );
});

describe('length', () => {
  test.each([
    [
      'a thousand tests',
      Array.from({ length: 1000 }, (_, i) => troubledTest({ name: `test ${i} ${'long '.repeat(40)}` })),
    ],
    [
      'two hundred series',
      [sampleTest({ series: Array.from({ length: 200 }, () => sampleSeries({ name: '|'.repeat(500) })) })],
    ],
    ['an endless message', [troubledTest({ failures: Array.from({ length: 500 }, () => '&'.repeat(10_000)) })]],
  ])('%s still make a comment', (_name, tests) => {
    const text = renderMarkdown(sampleRun({ verdict: 'failed', tests, problems: ['x'.repeat(100_000)] }));
    expect(text.length).toBeLessThanOrEqual(longestSummary);
    expect(text).toMatch(/^## ❌ dashboard failed/);
  });

  test('what was left out is counted', () => {
    const tests = Array.from({ length: 1000 }, (_, i) => sampleTest({ name: `test ${i}` }));
    const text = renderMarkdown(sampleRun({ tests }));
    expect(text).toMatch(/Too long for here: \d+ tests, \d+ tables of series\. All of it is in result\.json\.\n$/);
  });
});

test('a name divides no row, opens no element and calls nobody', () => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('a|b', '\\|', '<img src=x>', '@team', '`|`', 'a\n# b'),
  );
  fc.assert(
    fc.property(anything, (name) => {
      const slowest = [sampleExample({ series: name, traceId: 'a1' })];
      const test = troubledTest({ name, group: name, series: [sampleSeries({ name })], slowest });
      const text = renderMarkdown(sampleRun({ name, verdict: 'failed', tests: [test], problems: [name] }));
      for (const row of tableRows(text)) expect([5, 8, 9]).toContain(cells(row).length);
      expect(text.replaceAll(/<\/?(details|summary)>/g, '')).not.toMatch(/[<@]/);
      expect(text.match(/^#/gm)).toHaveLength(2);
    }),
    { numRuns: 40 },
  );
});

test('the tags of a test stand above its table', () => {
  const text = renderMarkdown(sampleRun({ tests: [sampleTest({ tags: { env: 'staging', 'a|b': '`c`' } })] }));
  expect(text).toContain('</summary>\n\nenv=staging · a\\|b=\\`c\\`\n\n| series');
});

test('sockets of a test stand above its table, and how long opening them took below', () => {
  const phases = byPhase((phase) => (phase === 'upgrade' ? sampleLatency({ p50: 1.2, p95: 3 }) : noLatency));
  const sockets = {
    attempts: 3,
    opened: 1,
    refused: 2,
    unanswered: 0,
    refusedIn: { dns: 0, tcp: 0, tls: 0, upgrade: 2, namespace: 0 },
    refusedStatus: { '429': 1, '503': 1 },
    retryAfterMaxSeconds: 90,
    open: 0,
    messagesIn: 0,
    messagesOut: 0,
    unclaimed: 0,
    bytesIn: 0,
    bytesOut: 0,
    closed: {},
    connect: noLatency,
    phases,
  };
  const text = renderMarkdown(sampleRun({ tests: [sampleTest({ sockets })] }));
  expect(text).toContain(
    '1 WebSocket · 2 refused (2 at upgrade: 1 × 429, 1 × 503, Retry-After up to 1m30s) · 0 messages in (0 B) · ' +
      '0 messages out (0 B)\n\nconnecting, p50 / p95 in ms: upgrade 1.20 / 3.00\n\n| series',
  );
});

test('the slowest requests of a test are folded away behind its series', () => {
  const failed = sampleExample({ series: 'GET /b|c', latency: 1204.4, status: 0, error: 'timeout' });
  const limited = sampleExample({ atSeconds: 3605.26, latency: 9.5, status: 429, error: 'limited' });
  const refused = sampleExample({ latency: 0.4, status: 503, error: 'status' });
  const head = '</details>\n\n<details><summary>Slowest requests: G › T</summary>\n\n';
  const test = sampleTest({ group: 'G', name: 'T', slowest: [failed, limited, refused] });
  expect(renderMarkdown(sampleRun({ tests: [test] }))).toContain(`${head}| series | due at s | latency ms | answer |
| --- | --: | --: | --- |
| GET /b\\|c | 12.3 | 1,204 | timeout |
| GET /a | 3605.3 | 9.50 | limited (429) |
| GET /a | 12.3 | 0.40 | 503 |

</details>
`);
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const traced = sampleTest({ slowest: [sampleExample({ traceId }), refused] });
  expect(renderMarkdown(sampleRun({ tests: [traced] }))).toContain(`| series | due at s | latency ms | answer | trace |
| --- | --: | --: | --- | --- |
| GET /a | 12.3 | 412 | 200 | ${traceId} |
| GET /a | 12.3 | 0.40 | 503 |  |
`);
});
