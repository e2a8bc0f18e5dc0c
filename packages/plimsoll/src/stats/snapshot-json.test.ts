import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Histogram, emptyDelta } from './histogram.ts';
import type { HistogramDelta, Snapshot } from './snapshot.ts';
import type { SnapshotJson } from './snapshot-json.ts';
import { cellsFromText, cellsToText, snapshotFromJson, snapshotToJson } from './snapshot-json.ts';

const fixed = { seed: 3, numRuns: 100 };
const count = fc.nat();
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const text = fc.string({ unit: 'grapheme' });
const counts = fc.dictionary(fc.oneof(text, fc.constantFrom('__proto__', 'cells', 'constructor')), count);
const delta: fc.Arbitrary<HistogramDelta> = fc.array(fc.double({ min: 0, max: 1e10, noNaN: true })).map((values) => {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram.toDelta();
});

const example = {
  series: text,
  dueMs: number,
  latencyUs: number,
  serviceUs: number,
  status: count,
  error: text,
  traceId: text,
} as const;

const snapshot: fc.Arbitrary<Snapshot> = fc.record({
  test: count,
  worker: count,
  second: count,
  spanMs: number,
  last: fc.boolean(),
  series: fc.array(
    fc.record({
      name: text,
      kind: fc.constantFrom('request' as const, 'step' as const),
      scenario: text,
      issued: count,
      expected: count,
      limited: count,
      failed: count,
      unfinished: count,
      checkFailed: count,
      resent: count,
      bytesIn: count,
      bytesOut: count,
      status: counts,
      errors: counts,
      latency: delta,
      failedLatency: delta,
      service: delta,
      ttfb: delta,
    }),
    { maxLength: 3 },
  ),
  scenarios: fc.array(
    fc.record({
      name: text,
      due: count,
      started: count,
      completed: count,
      failed: count,
      interrupted: count,
      notIssued: count,
      activeVus: count,
      vus: count,
      iteration: delta,
    }),
    { maxLength: 2 },
  ),
  checks: fc.array(fc.record({ name: text, series: text, passed: count, failed: count }), { maxLength: 3 }),
  metrics: fc.array(
    fc.record({
      name: text,
      kind: fc.constantFrom('trend' as const, 'counter' as const, 'rate' as const),
      unit: text,
      values: delta,
      sum: number,
      count,
    }),
    { maxLength: 2 },
  ),
  exceptions: fc.array(fc.record({ place: text, message: text, count, stack: text }), { maxLength: 2 }),
  slowest: fc.array(fc.record(example), { maxLength: 3 }),
  sample: fc.array(fc.record({ ...example, key: number }), { maxLength: 3 }),
  lag: delta,
  wait: delta,
  connect: delta,
  dns: delta,
  tls: delta,
  generator: fc.record({
    busyShare: number,
    cpuUs: number,
    gcMaxPauseUs: number,
    heapBytes: count,
    rssBytes: count,
    openConnections: count,
    connectionsOpened: count,
    inFlightAreaUs: number,
    latencySumUs: number,
    inFlight: count,
  }),
});

test('a snapshot is the same after a journey as text', () => {
  fc.assert(
    fc.property(snapshot, (before) => {
      const line = JSON.stringify(snapshotToJson(before));
      expect(line).not.toContain('\n');
      const after = snapshotFromJson(JSON.parse(line) as SnapshotJson);
      expect(after).toEqual(before);
      // Names such as '__proto__' too, which equality of objects may overlook.
      expect(JSON.stringify(snapshotToJson(after))).toBe(line);
    }),
    fixed,
  );
});

describe('cells', () => {
  test('any pairs survive exactly', () => {
    const anyCells = fc.uint32Array({ maxLength: 60 });
    fc.assert(
      fc.property(anyCells, (cells) => {
        expect(cellsFromText(cellsToText(cells))).toStrictEqual(cells);
      }),
      fixed,
    );
  });

  test('a step and a count below 128 take two bytes', () => {
    expect(Buffer.from(cellsToText(Uint32Array.of(100, 1, 227, 127, 228, 3)), 'base64')).toEqual(
      Buffer.from([100, 1, 127, 127, 1, 3]),
    );
  });

  test('none are an empty text', () => {
    expect(cellsToText(emptyDelta.cells)).toBe('');
  });

  test('a text that ends within a number is refused', () => {
    expect(() => cellsFromText(Buffer.from([1, 2, 0x80]).toString('base64'))).toThrow(SyntaxError);
  });
});
