import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NumberQueue } from './number-queue.ts';

test('gives back what was put in, in order, also after it has forgotten what was taken', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -3, max: 4 }), { maxLength: 40 }), (steps) => {
      const queue = new NumberQueue(2);
      const model: number[][] = [];
      let next = 0;
      for (const step of steps) {
        // 1,000 at a time, so that the queue moves to the front.
        for (let n = 0; n < Math.abs(step) * 1000; n++) {
          if (step > 0) {
            model.push([next, next / 2]);
            queue.push(next, next++ / 2);
          } else if (model.length > 0) {
            queue.shift();
            const expected = model.shift()!;
            if (queue.taken[0] !== expected[0] || queue.taken[1] !== expected[1]) expect.fail('not in order');
          }
        }
        expect(queue.length).toBe(model.length);
      }
    }),
    { seed: 7, numRuns: 20 },
  );
});

test('nothing can be taken from an empty one', () => {
  const queue = new NumberQueue(3);
  expect(() => queue.shift()).toThrow(RangeError);
  queue.push(1, 2, 3);
  queue.clear();
  expect(queue.length).toBe(0);
  expect(() => queue.shift()).toThrow(RangeError);
  queue.push(4, 5, 6);
  queue.shift();
  expect([...queue.taken]).toEqual([4, 5, 6]);
});
