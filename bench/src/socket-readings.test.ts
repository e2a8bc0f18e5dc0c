import { expect, test } from 'vitest';
import { toldByProgram } from './contenders/socket-clients.ts';
import { dueMs } from './load/socket-pace.ts';
import { heldReading } from './measures/held-sockets.ts';
import { fanOutReading, unexplainedIn, type Deliveries } from './measures/socket-fan-out.ts';
import { comparedReading } from './measures/socket-rounds.ts';
import { nothingCounted } from './socket-counts.ts';
import { feedOf, figuresOf, perConnection, type HeldSample } from './socket-watch.ts';

function sample(atSeconds: number, residentMb: number, cpuSeconds: number, sent = 0): HeldSample {
  return { atSeconds, residentMb, peakMb: residentMb, cpuSeconds, counts: { ...nothingCounted, sent } };
}
const tally = { opened: 10_000, received: 0 };

test('a connection takes what a run with many takes beyond one with few, start-up in neither', () => {
  const few = figuresOf({ tally, samples: [sample(3, 60, 0.4), sample(9, 60, 0.5)] }, 10);
  const many = figuresOf(
    { tally, samples: [sample(8, 200, 1.4), sample(9, 210, 1.45), sample(10, 204, 1.499)] },
    10_000,
  );
  // 144 MB and 0.999 s, over 9,990 connections.
  const { kilobytes, cpuUs } = perConnection(many, few);
  expect(kilobytes).toBeCloseTo(144_000 / 9990, 9);
  expect(cpuUs).toBeCloseTo(100, 9);
});

test('messages are those between the first and the last look, and so is the CPU time', () => {
  const samples = [sample(10, 90, 2, 50_000), sample(15, 90, 2.5, 100_000), sample(20, 90, 3, 150_000)];
  expect(feedOf({ tally, samples })).toEqual({ messages: 100_000, messagesPerCpuSecond: 100_000, busyShare: 0.1 });
});

test('a comparison is the ratio of the medians, with both sides', () => {
  const side = (title: string, rounds: readonly number[]) => ({ title, version: '1', command: title, rounds });
  const both = [side('ours', [10, 12, 14]), side('theirs', [20, 16, 28])] as const;
  const { value, note, compared } = comparedReading(both, 'memory', 'KB', (kilobytes) => kilobytes);
  expect(value).toBe(0.6);
  expect(note).toBe('12.0 KB against 20.0 KB; 0.500 to 0.750 within a round');
  expect(compared?.map(({ title, values }) => [title, values])).toEqual([
    ['ours', [10, 12, 14]],
    ['theirs', [20, 16, 28]],
  ]);
});

test('a cost that drowns in the noise of a small run meets no goal', () => {
  const side = (rounds: readonly number[]) => ({ title: 'one', version: '1', command: 'one', rounds });
  const both = [side([-0.5, 3]), side([20, 16])] as const;
  expect(() => comparedReading(both, 'memory', 'KB', (kilobytes) => kilobytes)).toThrow('too few connections');
});

test('a peer that lost a connection, or said nothing, gives no figure', () => {
  const told = (stdout: string) => toldByProgram({ code: 0, stdout, stderr: 'a trace' });
  expect(told('{"opened":10,"failed":0,"received":5}')).toEqual({ opened: 10, received: 5 });
  expect(() => told('{"opened":10,"failed":1,"received":5}')).toThrow('1 connections');
  expect(() => told('')).toThrow('a trace');
});

test('held connections: every one that is not open, was cut, or had no pong counts, and each once', () => {
  const counts = { ...nothingCounted, pings: 600, pongs: 600 };
  const lost = (open: number, silent: number, failed: number): number => {
    const result = { sockets: { open }, series: [{ name: 'PING /heartbeat', failed, expected: 300 }] };
    return heldReading(result as never, { ...counts, silent }, 100, 60).value;
  };
  expect(lost(100, 0, 0)).toBe(0);
  // One that the server cut, whose ping was without a pong.
  expect(lost(99, 1, 1)).toBe(1);
  expect(lost(95, 2, 3)).toBe(5);
  // What the open ones do not show is not lost.
  expect(lost(100, 2, 0)).toBe(2);
  expect(lost(100, 0, 4)).toBe(4);
});

test('held connections: a heartbeat that never was is no reading', () => {
  const counts = { ...nothingCounted, pings: 600, pongs: 600 };
  const read = (series: readonly object[]) => heldReading({ sockets: { open: 100 }, series } as never, counts, 100, 60);
  expect(() => read([])).toThrow('no ping of the client');
  expect(() => read([{ name: 'PING /heartbeat', failed: 0, expected: 0 }])).toThrow('no ping of the client');
  expect(() => heldReading({ series: [] }, nothingCounted, 100, 60)).toThrow('no sockets');
});

const clean: Deliveries = {
  ...{ published: 500, owed: 1_000_000, delivered: 1_000_000, lost: 0, received: 1_000_000, missed: 0, late: 0 },
  ...{ duplicated: 0, leaked: 0, unknown: 0, foreign: 0, ambiguous: 0, ambiguousReceived: 0 },
};

test('fan-out: books that agree leave nothing unexplained, a loss in time or a message near the end included', () => {
  expect(unexplainedIn(clean, { sent: 1_000_000 }, 2000)).toBe(0);
  expect(unexplainedIn({ ...clean, delivered: 999_990, lost: 10, late: 10 }, { sent: 1_000_000 }, 2000)).toBe(0);
  const ambiguous = { ...clean, owed: 998_000, delivered: 998_000, ambiguous: 2000, ambiguousReceived: 2000 };
  expect(unexplainedIn(ambiguous, { sent: 1_000_000 }, 2000)).toBe(0);
});

test('fan-out: what the server sent and nobody received is unexplained, though the books call it lost', () => {
  const lost = { ...clean, delivered: 999_993, lost: 7, received: 999_993 };
  expect(unexplainedIn(lost, { sent: 1_000_000 }, 2000)).toBe(7);
  expect(unexplainedIn({ ...clean, delivered: 999_999 }, { sent: 1_000_000 }, 2000)).toBe(2);
  expect(unexplainedIn(clean, { sent: 1_000_000 }, 2001)).toBe(500);
});

test('fan-out: the worst run is shown, and a breach of the books is never nothing', () => {
  const run = (unexplained: number, breaches: readonly string[] = []) => ({
    ...{ delivery: clean, counts: { sent: 1_000_000 }, unexplained, breaches },
  });
  expect(fanOutReading([run(0), run(7), run(0)]).value).toBe(7);
  expect(fanOutReading([run(0), run(0, ['Σ latency = ∫ in flight dt: 1 ms against 2 ms'])])).toMatchObject({
    value: 1,
    note: expect.stringContaining('in flight') as unknown,
  });
  expect(fanOutReading([run(0)]).note).toContain('1000000 owed = 1000000 delivered + 0 lost; the server sent 1000000');
});

test('clients open one after the other, at the same pace', () => {
  expect([0, 1, 2000].map((index) => dueMs(index, 2000))).toEqual([0, 0.5, 1000]);
});
