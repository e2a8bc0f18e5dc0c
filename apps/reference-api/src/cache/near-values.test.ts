import { describe, expect, test } from 'vitest';
import { NearValues } from './near-values.ts';

describe('values seen of a shared cache', () => {
  test('one holds for its generation alone, and is then forgotten', () => {
    const near = new NearValues(() => 0);
    near.keep('sessions', 'a', { generation: '4', value: 'old', untilMs: 100 });
    expect(near.get('criteria', 'a', '4')).toBeUndefined();
    expect(near.get('sessions', 'a', '4')).toBe('old');
    expect(near.get('sessions', 'a', '5')).toBeUndefined();
    expect(near.has('sessions', 'a')).toBe(false);
  });

  test('one ends to the millisecond', () => {
    let now = 0;
    const near = new NearValues(() => now);
    near.keep('criteria', 'a', { generation: '0', value: 'v', untilMs: 50 });
    now = 49;
    expect(near.get('criteria', 'a', '0')).toBe('v');
    now = 50;
    expect(near.get('criteria', 'a', '0')).toBeUndefined();
  });

  test('they are bounded: the oldest goes first', () => {
    const near = new NearValues(() => 0);
    for (let key = 0; key <= 10_000; key++) {
      near.keep('sessions', String(key), { generation: '0', value: String(key), untilMs: 1 });
    }
    expect(near.has('sessions', '0')).toBe(false);
    expect(near.get('sessions', '1', '0')).toBe('1');
    expect(near.get('sessions', '10000', '0')).toBe('10000');
  });
});
