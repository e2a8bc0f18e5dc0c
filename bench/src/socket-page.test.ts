import { expect, test } from 'vitest';
import type { Compared, Row } from './goal.ts';
import { socketPart, type SocketReport } from './socket-page.ts';

const compared = (title: string, values: readonly number[]): Compared => ({
  ...{ figure: 'messages per CPU second', unit: '/s', title, version: '1.2.3', command: `${title} URL`, values },
});

const messages: Row = {
  measure: 'messages per CPU second against `ws`',
  goal: { must: 1.3, aim: 1.7, higherIsBetter: true },
  unit: 'times',
  value: 1.5,
  note: '1.4 to 1.6 within a round',
  compared: [compared('plimsoll', [140_000, 150_000, 160_000]), compared('ws', [100_000, 100_000, 100_000])],
};

const report: SocketReport = {
  date: '2026-01-31',
  machine: { cpu: 'A | B', cores: 2, memoryGb: 8, os: 'Debian', kernel: '6.1', node: 'v20.19.0', busyBefore: 0.01 },
  seconds: 10,
  repeats: 3,
  disturbances: { bestUs: 16.24, runs: 60, again: 2, disturbed: 0, waitedSeconds: 31.4 },
  rows: [messages],
};

function lineOf(text: string, part: string): string {
  return text.split('\n').find((line) => line.includes(part))!;
}

test('a rate that is above its must and below its aim is shown so, with the limits the right way round', () => {
  const text = socketPart(report);
  expect(lineOf(text, 'against `ws` |')).toContain('| 1.500× | ≥ 1.3× | met | ≥ 1.7× | not met |');
  expect(text).toContain('1 of 1 musts are met.');
});

test('both sides of a comparison are told, round by round, and each command once', () => {
  const text = socketPart({ ...report, rows: [messages, messages] });
  expect(lineOf(text, '| plimsoll |')).toContain('| 150000 /s | 140000 – 160000 | 140000, 150000, 160000 |');
  expect(text.match(/^- ws: `ws URL`$/gm)).toHaveLength(1);
});

test('what could not be measured says why, and is no must that is met', () => {
  const rows: Row[] = [{ measure: 'held', goal: { must: 0 }, unit: 'connections', missing: 'too few files' }];
  const text = socketPart({ ...report, rows });
  expect(lineOf(text, '| held |')).toContain('| — | exactly 0 | **not measured** |  |  | too few files |');
  expect(text).toContain('0 of 1 musts are met.');
});
