import { expect, test } from 'vitest';
import { socketRows, socketTables, type SocketFigures, type SocketReport } from './socket-tables.ts';

const round: SocketFigures = {
  deliveryP50: 2.345,
  deliveryP95: 40,
  skew: 0.5,
  connectMean: 80,
  messages: 7000,
  bytes: 3_500_000,
  testSeconds: 7,
  leaked: 0,
  lost: 0,
  serverCpuSeconds: 0.25,
};
const naive = { messages: 49_000, bytes: 24_500_000, leaked: 40_519, serverCpuSeconds: 0.5 };

const report: SocketReport = {
  date: '2026-01-31',
  machine: { cpu: 'a processor', cores: 2, memoryGb: 8, os: 'an OS', kernel: '6', node: 'v20', busyBefore: 0.0123 },
  repeats: 3,
  comparisons: [
    { configuration: 'naive', flags: ['--profile', 'naive'], rounds: [{ ...round, ...naive }] },
    {
      configuration: 'optimised',
      flags: ['--profile', 'optimised'],
      rounds: [round, { ...round, deliveryP95: 30 }, { ...round, deliveryP95: 120 }],
    },
  ],
};

test('one column for each configuration; medians with the least and the greatest where they differ', () => {
  const text = socketTables(report);
  expect(text).toContain('| measure | naive: `--profile naive` | optimised: `--profile optimised` |');
  expect(text).toContain('| delivery p50, ms | 2.35 | 2.35 |');
  expect(text).toContain('| delivery p95, ms | 40.0 | 40.0 (30.0 – 120) |');
  // 49,000 and 7,000 messages to 100 clients in 7 s.
  expect(text).toContain('| messages a client receives, per second | 70.0 | 10.0 |');
  expect(text).toContain('| kB a client receives, per second | 35.0 | 5.00 |');
  expect(text).toContain('| MB received in all | 24.5 | 3.50 |');
  expect(text).toContain('| leaked deliveries | 40,519 | 0 |');
  expect(text).toContain('A message is about 500 bytes long');
  expect(text).toContain('took\n0.50× (0.50× – 0.50×) of the naive');
  expect(text).toContain('before the run it was 1.2 % busy');
});

test('the optimised service is judged: latencies by the median, leaks and losses by the worst round', () => {
  const [naiveSide, optimised] = report.comparisons as [SocketReport['comparisons'][0], SocketReport['comparisons'][0]];
  const leaky = { ...optimised, rounds: [...optimised.rounds, { ...round, leaked: 1 }] };
  expect(socketRows([naiveSide, leaky])).toMatchObject([
    { measure: 'delivery, p95, optimised', goal: { must: 100 }, value: 40 },
    { measure: 'connect, mean, optimised', goal: { must: 1000 }, value: 80 },
    { measure: 'leaked, optimised', goal: { must: 0 }, value: 1 },
    { measure: 'lost, optimised', goal: { must: 0 }, value: 0 },
  ]);
});
