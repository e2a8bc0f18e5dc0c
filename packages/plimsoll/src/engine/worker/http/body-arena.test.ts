import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BodyArena } from './body-arena.ts';

test('copies stay what they were, whatever is copied after them and whatever becomes of the source', () => {
  const length = fc.oneof(fc.nat(70), fc.nat(9000), fc.constantFrom(0, 64, 65, 8192, 8193, 65_536, 70_000));
  fc.assert(
    fc.property(fc.array(fc.tuple(length, fc.nat(100)), { maxLength: 60 }), (bodies) => {
      const arena = new BodyArena();
      const source = new Uint8Array(80_000);
      const copies = bodies.map(([bytes, start], n) => {
        // The read buffer is written over with every answer.
        source.fill(n + 1);
        source[start] = 200;
        arena.copy(source, start, start + bytes);
        return { view: arena.bytes.subarray(arena.start, arena.start + bytes), mark: n + 1, bytes };
      });
      source.fill(99);
      for (const { view, mark, bytes } of copies) {
        expect(view.length).toBe(bytes);
        if (bytes > 0) expect(view[0]).toBe(200);
        if (!view.subarray(1).every((byte) => byte === mark)) expect.fail('a copy was written over');
      }
    }),
    { seed: 15, numRuns: 60 },
  );
});

test('small bodies share their memory, a large one has its own', () => {
  const arena = new BodyArena();
  const source = new Uint8Array(10_000);
  arena.copy(source, 0, 100);
  const first = arena.bytes;
  arena.copy(source, 0, 100);
  expect(arena.bytes).toBe(first);
  arena.copy(source, 0, 9000);
  expect(arena.bytes.length).toBe(9000);
});
