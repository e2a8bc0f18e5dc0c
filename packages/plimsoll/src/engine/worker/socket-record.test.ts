import { expect, test } from 'vitest';
import { SocketRecord } from './socket-record.ts';
import type { Snapshot } from '../../stats/snapshot.ts';
import { SocketTotals } from '../../stats/socket-totals.ts';

test('event streams are counted over seconds and workers, and absent where none was asked for', () => {
  const totals = new SocketTotals();
  const take = (worker: number, record: SocketRecord): void => {
    totals.add({ worker, sockets: record.take()! } as unknown as Parameters<SocketTotals['add']>[0] & Snapshot);
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
