import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  noLatency,
  sampleLatency,
  sampleRun,
  sampleSeries,
  sampleTest,
  troubledTest,
} from '../../test/support/sample-result.ts';
import type { RunResult } from '../model/result.ts';
import { renderCsv } from './csv.ts';

/** Another reader's view of what was written. */
function read(result: RunResult): Record<string, string>[] {
  return parse(renderCsv(result), { columns: true, record_delimiter: '\r\n' });
}

test('a row for the test and one for each series, with every statistic', () => {
  const latency = sampleLatency({ p9999: null });
  const [whole, series] = read(sampleRun({ tests: [sampleTest({ series: [sampleSeries({ latency })] })] }));
  expect(whole).toMatchObject({ kind: 'test', series: '', requests: '1200', success: '1', verdict: 'passed' });
  expect(series).toMatchObject({
    file: 'loadtests/dashboard.load.ts',
    group: 'TestDashboardEndpointLoad',
    test: 'test_dashboard_concurrent_requests',
    kind: 'request',
    scenario: 'default',
    series: 'GET /dashboard/stats',
    rate: '40',
    'latency.count': '1200',
    'latency.mean': '104.2',
    'latency.p95': '138.2',
    'latency.p9999': '',
    'latency.max': '251.7',
    'latency.approximate': 'p999',
    'ttfb.p50': '100.7',
  });
});

test('what is not known is empty, not zero', () => {
  const [row] = read(sampleRun({ tests: [sampleTest({ success: null, latency: noLatency, series: [] })] }));
  expect(row).toMatchObject({ success: '', 'latency.mean': '', 'latency.count': '0' });
});

test('without a test there is the head alone', () => {
  const text = renderCsv(sampleRun({ tests: [] }));
  expect(text.split('\r\n')).toHaveLength(2);
  expect(text).toMatch(/^file,group,test,/);
});

test.each(['=cmd()|x', '+1', '-1', '@SUM(A1)', '\t=1', ' =1', '\r=1', '＝1'])(
  '%j is no formula in a spreadsheet',
  (name) => {
    const [row] = read(sampleRun({ tests: [sampleTest({ name, series: [] })] }));
    expect(row?.['test']).toBe(`'${name}`);
  },
);

test('quotes, commas and line breaks come back as they were', () => {
  const row = read(sampleRun({ tests: [troubledTest()] }))[0];
  expect(row).toMatchObject({ group: 'Sessions <list> & "more"', test: 'many | sessions\nat once 🚀' });
});

test('any name comes back, but for the apostrophe in front of a formula', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      const rows = read(sampleRun({ tests: [sampleTest({ name, series: [] })] }));
      expect(rows).toHaveLength(1);
      expect([name, `'${name}`]).toContain(rows[0]?.['test']);
    }),
    { numRuns: 40 },
  );
});
