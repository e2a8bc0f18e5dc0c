import { expect, test } from 'vitest';
import { histogramOf, snapshotOf, socketsOf } from './snapshot.fixture.ts';
import type { SocketsDelta } from './snapshot.ts';
import { byPhase } from './socket-phases.ts';
import { SocketTotals } from './socket-totals.ts';
import { summarise } from './summary.ts';

function totalsOf(...deltas: readonly (Partial<SocketsDelta> & { readonly worker?: number })[]): SocketTotals {
  const totals = new SocketTotals();
  for (const { worker = 0, ...part } of deltas) totals.add({ ...snapshotOf({ worker }), sockets: socketsOf(part) });
  return totals;
}

test('attempts that failed are added up by phase and by status', () => {
  const totals = totalsOf(
    {
      attempts: 9,
      opened: 1,
      unanswered: 3,
      refused: 3,
      refusedIn: { ...byPhase(() => 0), tls: 1, upgrade: 2 },
      refusedStatus: { '503': 2 },
    },
    {
      worker: 1,
      attempts: 4,
      refused: 4,
      unanswered: 1,
      refusedIn: { ...byPhase(() => 0), dns: 1, upgrade: 2, namespace: 1 },
      refusedStatus: { '503': 1, '429': 1 },
    },
  );
  expect(totals).toMatchObject({ attempts: 13, refused: 7, unanswered: 4, judged: 12 });
  expect(totals.refusedIn).toEqual({ dns: 1, tcp: 0, tls: 1, upgrade: 4, namespace: 1 });
  expect(Object.fromEntries(totals.refusedStatus)).toEqual({ '503': 3, '429': 1 });
});

test.each([
  [[null, null], null],
  [[null, 0], 0],
  [[30, null, 7], 30],
])('of the times to wait %j the longest is kept', (asked, longest) => {
  expect(totalsOf(...asked.map((retryAfterMaxSeconds) => ({ retryAfterMaxSeconds }))).retryAfterMaxSeconds).toBe(
    longest,
  );
});

test('the phases of all workers are one distribution each', () => {
  const none = byPhase(() => histogramOf());
  const { phases } = totalsOf(
    { phases: { ...none, tls: histogramOf([10, 20]) } },
    { worker: 1, phases: { ...none, tls: histogramOf([60]), upgrade: histogramOf([5]) } },
  );
  expect(summarise(phases.tls)).toMatchObject({ count: 3, mean: 30, min: 10, max: 60 });
  expect([phases.dns.count, phases.tcp.count, phases.upgrade.count]).toEqual([0, 0, 1]);
});

test('open are those of each worker at its last word', () => {
  expect(totalsOf({ open: 5 }, { worker: 1, open: 7 }, { open: 2 }).open).toBe(9);
});

test('what was compressed is added up, and of what waited to be sent the most is kept, where there was any', () => {
  const none = totalsOf({}, { worker: 1 });
  expect([none.compressed, none.bufferedBytesMax]).toEqual([undefined, undefined]);
  const compressed = {
    messagesIn: 1,
    bytesIn: 20,
    inflatedBytesIn: 300,
    messagesOut: 4_000,
    bytesOut: 50_000,
    inflatedBytesOut: 600_000,
  };
  const totals = totalsOf(
    { bufferedBytesMax: 0 },
    { worker: 1, compressed, bufferedBytesMax: 70_000 },
    { compressed: { ...compressed, messagesIn: 9, inflatedBytesOut: 0 } },
    { worker: 1, bufferedBytesMax: 5 },
  );
  expect(totals.compressed).toEqual({
    messagesIn: 10,
    bytesIn: 40,
    inflatedBytesIn: 600,
    messagesOut: 8_000,
    bytesOut: 100_000,
    inflatedBytesOut: 600_000,
  });
  expect(totals.bufferedBytesMax).toBe(70_000);
});
