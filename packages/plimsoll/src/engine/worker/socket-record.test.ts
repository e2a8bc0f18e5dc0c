import { expect, test } from 'vitest';
import { socketsOf } from '../../stats/snapshot.fixture.ts';
import type { Snapshot } from '../../stats/snapshot.ts';
import { SocketTotals } from '../../stats/socket-totals.ts';
import { SocketRecord } from './socket-record.ts';

test('a test without sockets says nothing of them', () => {
  expect(new SocketRecord().take(false)).toBeUndefined();
});

test('what was counted is told once; what is open is told each time', () => {
  const record = new SocketRecord();
  record.use();
  record.attempts = 4;
  record.opened = 1;
  record.open = 1;
  record.unanswered = 2;
  record.refuse('tls');
  record.refuse('upgrade');
  record.refuse('upgrade');
  record.countAnswer(503, 7);
  record.countAnswer(503, undefined);
  record.countAnswer(429, 3);
  record.countClose(1006);
  record.phases.tcp.record(250);
  const told = record.take(false)!;
  expect(told).toMatchObject({
    attempts: 4,
    opened: 1,
    open: 1,
    refused: 3,
    unanswered: 2,
    refusedIn: { dns: 0, tcp: 0, tls: 1, upgrade: 2, namespace: 0 },
    refusedStatus: { '503': 2, '429': 1 },
    retryAfterMaxSeconds: 7,
    closed: { '1006': 1 },
  });
  expect([told.phases.tcp.count, told.phases.tcp.sumUs, told.phases.tls.count]).toEqual([1, 250, 0]);
  expect(record.take(false)).toMatchObject({
    ...socketsOf({ open: 1 }),
    connect: { count: 0 },
    phases: { tcp: { count: 0 } },
  });
});

test('event streams are counted over seconds and workers, and absent where none was asked for', () => {
  const totals = new SocketTotals();
  const take = (worker: number, record: SocketRecord): void => {
    totals.add({ worker, sockets: record.take(false)! } as unknown as Parameters<SocketTotals['add']>[0] & Snapshot);
  };
  const sockets = new SocketRecord();
  sockets.use();
  sockets.opened = 2;
  take(0, sockets);
  expect([totals.opened, totals.eventStreams]).toEqual([2, undefined]);
  const streams = new SocketRecord();
  streams.useStreams();
  take(1, streams);
  expect(totals.eventStreams).toBe(0);
  streams.opened = 3;
  streams.streams = 3;
  take(1, streams);
  take(1, streams);
  expect([totals.opened, totals.eventStreams]).toEqual([5, 3]);
});
