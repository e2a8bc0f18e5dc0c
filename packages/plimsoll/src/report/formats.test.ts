import { expect, test } from 'vitest';
import { sampleRun } from '../../test/support/sample-result.ts';
import { isReportFormat, renderReport, reportFiles, reportFormats } from './formats.ts';

test.each([
  ['terminal', /^✓ TestDashboard/],
  ['json', /^\{\n {2}"schema": 1,/],
  ['junit', /^<\?xml /],
  ['markdown', /^## ✅ /],
  ['csv', /^file,group,/],
] as const)('%s', (format, start) => {
  expect(renderReport(format, sampleRun())).toMatch(start);
  expect(isReportFormat(format)).toBe(true);
});

test('json is the result itself', () => {
  expect(JSON.parse(renderReport('json', sampleRun()))).toEqual(sampleRun());
});

test('another name is no format', () => {
  expect(['xml', 'toString', ''].filter(isReportFormat)).toEqual([]);
});

test('the files of a run folder leave result.json to the store', () => {
  expect(Object.keys(reportFiles(sampleRun(), reportFormats)).sort()).toEqual([
    'junit.xml',
    'report.txt',
    'series.csv',
    'summary.md',
  ]);
});
