import { expect, test } from 'vitest';
import type { ContenderResult } from './alternation.ts';
import type { Contender, ContenderName } from './contenders/contender.ts';
import type { Row } from './goal.ts';
import { httpPart, type HttpReport } from './http-page.ts';
import { ratioMeasures, ratioRow } from './measures/ratios.ts';
import { spread } from './statistics.ts';

function contender(name: ContenderName, title: string): Contender {
  const unused = () => {
    throw new Error('only the name matters here');
  };
  return { name, title, method: 'GET', version: unused, command: unused, completed: unused };
}

function result(name: ContenderName, cpuUs: readonly number[]): ContenderResult {
  const samples = cpuUs.map((cpuUsPerRequest) => ({ cpuUsPerRequest, completed: 1, requestsPerSecond: 30_000 }));
  return { contender: contender(name, name), version: '1.2.3', command: `${name} URL`, samples, cpuUs: spread(cpuUs) };
}

const quick = result('quick', [12, 12.5, 13]);
const wrk = result('wrk', [10, 10, 10]);
const alternation = {
  results: new Map([quick, wrk].map((each) => [each.contender.name, each])),
  absent: new Map([['autocannon' as const, { contender: contender('autocannon', 'autocannon'), reason: 'not there' }]]),
};
const measureOf = (name: string) => ratioMeasures.find((measure) => measure.name === name)!;

const report: HttpReport = {
  date: '2026-01-31',
  machine: { cpu: 'A | B', cores: 2, memoryGb: 8, os: 'Debian', kernel: '6.1', node: 'v20.19.0', busyBefore: 0.01 },
  targetVersion: 'nginx/1.22.1',
  connections: 50,
  seconds: 10,
  repeats: 3,
  disturbances: { bestUs: 16.24, runs: 60, again: 2, disturbed: 0, waitedSeconds: 31.4 },
  proof: { measured: 1.01, known: 1 },
  rows: [ratioRow(measureOf('quick'), alternation)],
  contenders: [quick, wrk],
  absent: [...alternation.absent.values()],
};

function lineOf(text: string, part: string): string {
  return text.split('\n').find((line) => line.includes(part))!;
}

test('a goal that is missed is shown as missed, with the figure and its spread', () => {
  const line = lineOf(httpPart(report), 'against `wrk -t1`');
  expect(line).toContain('| 1.250× | ≤ 1.2× | **not met** | ≤ 1× | not met |');
  expect(line).toContain('1.200 to 1.300 within a round');
  expect(httpPart(report)).toContain('0 of 1 musts are met.');
});

test('a peer that is missing gives no figure, and the reason is said in its line and below the table', () => {
  const unscripted = { ...alternation, results: new Map([...alternation.results, ['scripted' as const, quick]]) };
  const text = httpPart({ ...report, rows: [ratioRow(measureOf('autocannon'), unscripted)] });
  expect(lineOf(text, 'scripted test against autocannon')).toContain('| — | ≤ 0.6× | **not measured** |');
  expect(text).toContain('Not measured: autocannon: not there.');
});

test('a machine that was busy before the run is said to have been', () => {
  expect(httpPart(report)).not.toContain('not quiet');
  expect(httpPart({ ...report, machine: { ...report.machine, busyBefore: 0.4 } })).toContain(
    '40.0 % busy: **it was not quiet',
  );
});

test('what the host did meanwhile is said, and whether it spoilt a run', () => {
  expect(httpPart(report)).toContain('16.2 µs of CPU time for an echo');
  expect(httpPart(report)).toContain('60 runs count. None of them began or ended on a machine that was slower.');
  const spoilt = { ...report.disturbances, disturbed: 7 };
  expect(httpPart({ ...report, disturbances: spoilt })).toContain('60 runs count. **7 of them**, after');
});

test('what would end a cell of a table does not', () => {
  const row: Row = { measure: 'a|b', goal: { must: 1 }, unit: 'ms', missing: 'first\nsecond' };
  expect(lineOf(httpPart({ ...report, rows: [row] }), 'a\\|b')).toContain('first second |');
});

test('the goals of the issue stand in the table as they were set', () => {
  const goals = Object.fromEntries(ratioMeasures.map(({ name, goal }) => [name, [goal.must, goal.aim]]));
  expect(goals).toEqual({
    quick: [1.2, 1],
    scripted: [1.35, 1.1],
    autocannon: [0.6, 0.5],
    artillery: [0.04, 0.025],
    post: [0.5, 0.4],
    workers: [1.12, undefined],
  });
});
