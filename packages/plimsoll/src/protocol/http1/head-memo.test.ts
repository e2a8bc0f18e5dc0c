import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HeadMemo, createReadBuffer } from './head-memo.ts';
import type { ResponseHead } from './response-head.ts';

/** Only its bytes are asked for. */
const headOf = (bytes: Uint8Array) => ({ bytes }) as ResponseHead;
const heads = fc.uint8Array({ minLength: 1, maxLength: 200 });

describe('an answer is recognised', () => {
  test('if and only if its head is the same to the last byte', () => {
    fc.assert(
      fc.property(heads, fc.nat(199), fc.nat(255), fc.uint8Array({ maxLength: 8 }), (head, at, byte, body) => {
        const memo = new HeadMemo();
        memo.learn(headOf(head), body.length);
        expect([memo.headBytes, memo.totalBytes]).toEqual([head.length, head.length + body.length]);
        const buffer = createReadBuffer(256);
        buffer.bytes.set(head);
        buffer.bytes.set(body, head.length);
        const changed = at % head.length;
        buffer.bytes[changed] = byte;
        expect(memo.matches(buffer)).toBe(head[changed] === byte);
      }),
      { seed: 16, numRuns: 500 },
    );
  });

  test('whatever the body, and whatever lay in the buffer before', () => {
    fc.assert(
      fc.property(heads, fc.uint8Array({ minLength: 300, maxLength: 300 }), (head, rest) => {
        const memo = new HeadMemo();
        memo.learn(headOf(head), 10);
        const buffer = createReadBuffer(512);
        buffer.bytes.set(rest);
        buffer.bytes.set(head);
        expect(memo.matches(buffer)).toBe(true);
      }),
      { seed: 17 },
    );
  });

  test('by the head learnt last; the memory of it is its own', () => {
    const memo = new HeadMemo();
    const buffer = createReadBuffer(64);
    const first = Buffer.from('HTTP/1.1 200 OK\r\n\r\n');
    memo.learn(headOf(first), 0);
    memo.learn(headOf(Buffer.from('HTTP/1.1 404 No\r\n\r\n')), 0);
    buffer.bytes.set(first);
    expect(memo.matches(buffer)).toBe(false);
    memo.learn(headOf(first), 0);
    first.fill(0);
    expect(memo.matches(buffer)).toBe(true);
  });

  test('not before anything was learnt', () => {
    expect(new HeadMemo().totalBytes).toBe(-1);
  });
});

test('heads that never come again are not copied each time, and one that stays is learnt again', () => {
  const memo = new HeadMemo();
  const buffer = createReadBuffer(64);
  const see = (text: string): boolean => {
    buffer.bytes.set(Buffer.from(text.padEnd(40, ' ')));
    if (memo.totalBytes === 40 && memo.matches(buffer)) return true;
    memo.learn(headOf(Buffer.from(text.padEnd(40, ' '))), 0);
    return false;
  };
  for (let n = 0; n < 1000; n++) expect(see(`HTTP/1.1 200 id ${n}`)).toBe(false);
  let until = 0;
  while (!see('HTTP/1.1 200 the same') && until < 1000) until++;
  expect(until).toBeLessThanOrEqual(64);
  expect(see('HTTP/1.1 200 the same')).toBe(true);
});
