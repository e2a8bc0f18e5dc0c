import { expect, test } from 'vitest';
import { apiTables, withTables, type ApiReport } from './tables.ts';

const report: ApiReport = {
  date: '2026-01-31',
  machine: { cpu: 'a processor', cores: 2, memoryGb: 8, os: 'an OS', kernel: '6', node: 'v20', busyBefore: 0.0123 },
  comparisons: [
    {
      backend: 'embedded',
      configuration: 'with indexes',
      flags: ['--profile', 'naive', '--indexes', 'on'],
      meansMs: { dashboard: [30, 10, 20], sessions: [1.2345], 'config GET': [0.5, 1.5] },
    },
  ],
  throughputs: [
    {
      backend: 'production',
      profile: 'naive',
      perSecond: { dashboard: [12.6], sessions: [1234.4, 9, 2000], 'config GET': [0] },
    },
  ],
  rows: [{ measure: 'a goal', goal: { must: 0.5 }, unit: 'times', value: 0.25, note: 'a note' }],
  burst: { connections: 20, requests: 1000 },
  repeats: 3,
  seconds: 5,
  memorySeconds: 600,
};

test('medians with the least and the greatest, rates in whole numbers, and the flags to repeat it', () => {
  const text = apiTables(report);
  expect(text).toContain(
    '| SQLite, in memory | with indexes: `--profile naive --indexes on` | 20.0 (10.0 – 30.0) | 1.23 (1.23 – 1.23) | 1.00 (0.500 – 1.50) |',
  );
  expect(text).toContain('| PostgreSQL, Redis | naive | 13 (13 – 13) | 1,234 (9 – 2,000) | 0 (0 – 0) |');
  expect(text).toContain('| a goal | 0.250× | ≤ 0.5× | met |');
  expect(text).toContain('before the run it was 1.2 % busy');
  expect(text).toContain("not the suite's 100 requests, but 1,000 by\n20 connections, and");
  expect(text).toContain('-c 20 -n 1000 -H');
});

test('the guide keeps everything but what is between the marks of the part', () => {
  const http = '<!-- bench:api -->\nold\n<!-- /bench:api -->';
  const sockets = '<!-- bench:api sockets -->\nold\n<!-- /bench:api sockets -->';
  const guide = `before\n${http}\n${sockets}\nafter`;
  expect(withTables(guide, 'new', 'bench:api')).toBe(
    `before\n<!-- bench:api -->\n\nnew\n<!-- /bench:api -->\n${sockets}\nafter`,
  );
  expect(withTables(guide, 'new', 'bench:api sockets')).toBe(
    `before\n${http}\n<!-- bench:api sockets -->\n\nnew\n<!-- /bench:api sockets -->\nafter`,
  );
  expect(() => withTables('no marks', 'new', 'bench:api')).toThrow('the guide has no <!-- bench:api -->');
});
