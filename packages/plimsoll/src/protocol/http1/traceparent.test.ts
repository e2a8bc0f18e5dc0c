import { describe, expect, test } from 'vitest';
import { traceIdOf, Traceparents } from './traceparent.ts';

const example = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('a header of our own', () => {
  test('is well-formed, and its ids are those of no other', () => {
    const traceparents = new Traceparents();
    const headers = Array.from({ length: 2000 }, () => traceparents.next(1));
    for (const header of headers) expect(header).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(new Set(headers.map(traceIdOf)).size).toBe(2000);
    expect(new Set(headers.map((header) => header.slice(36, 52))).size).toBe(2000);
  });

  test('has no id of zeros: such a one is passed over', () => {
    let fills = 0;
    const traceparents = new Traceparents((pool) => {
      pool.fill(fills++ === 0 ? 0 : 1);
      // The second of the first pool has a trace id, and no parent id.
      if (fills === 1) pool.fill(5, 28, 28 + 16);
    });
    expect(traceparents.next(1)).toBe(`00-${'01'.repeat(16)}-${'01'.repeat(8)}-01`);
    expect(fills).toBe(2);
  });

  test('asks the system once for many', () => {
    let fills = 0;
    const traceparents = new Traceparents((pool) => {
      fills++;
      for (let i = 0; i < pool.length; i++) pool[i] = (i % 255) + 1;
    });
    for (let n = 0; n < 512; n++) traceparents.next(1);
    expect(fills).toBe(2);
  });

  test.each([
    [0, 0, 0],
    [0.1, 0.1, 4 * Math.sqrt((0.1 * 0.9) / 20_000)],
    [1, 1, 0],
  ])('of a share of %d asks to be recorded', (share, expected, tolerance) => {
    const traceparents = new Traceparents();
    const headers = Array.from({ length: 20_000 }, () => traceparents.next(share));
    const sampled = headers.filter((header) => header.endsWith('-01')).length / headers.length;
    expect(headers.every((header) => /-0[01]$/.test(header))).toBe(true);
    // Chance without a seed: six standard deviations are met once in 500 million runs.
    expect(Math.abs(sampled - expected)).toBeLessThanOrEqual(1.5 * tolerance);
  });
});

describe("the trace id of a test's own header", () => {
  const id = '4bf92f3577b34da6a3ce929d0e0e4736';
  test.each([
    [example, id],
    [` ${example}\t`, id],
    [example.replace(/01$/, '00'), id],
    // Of a later version, which may say more.
    [`cc${example.slice(2)}-what-comes`, id],
    [`cc${example.slice(2)}`, id],
    ['', ''],
    ['none', ''],
    [`${example}-more`, ''],
    [`${example}0`, ''],
    [`ff${example.slice(2)}`, ''],
    [example.toUpperCase(), ''],
    [example.replace(id, '0'.repeat(32)), ''],
    [example.replace('00f067aa0ba902b7', '0'.repeat(16)), ''],
    [example.replace(id, id.slice(1)), ''],
  ])("'%s'", (header, traceId) => expect(traceIdOf(header)).toBe(traceId));
});
