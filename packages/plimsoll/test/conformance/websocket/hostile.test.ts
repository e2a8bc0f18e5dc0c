/** Frames made at random and cut anywhere: the client sees the same whatever the cuts, and survives whatever comes. */
import { isUtf8 } from 'node:buffer';
import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { FrameFault } from '../../../src/protocol/websocket/close-codes.ts';
import { FrameParser } from '../../../src/protocol/websocket/frame-parser.ts';
import { dataFrame } from '../../../src/protocol/websocket/frame-writer.ts';
import { Sfc32 } from '../../../src/kernel/random.ts';
import { clientFrames, frame, type FrameShape } from './frames.ts';

/** What the parser tells of pieces, faults included. */
function told(pieces: readonly Uint8Array[]): string[] {
  const events: string[] = [];
  const parser = new FrameParser(
    {
      message: (bytes, start, end, isText, isCompressed) => {
        const message = bytes.subarray(start, end);
        // As a connection does it: whole texts are checked at once.
        if (isText && !isCompressed && !isUtf8(message)) throw new FrameFault(1007, 'no UTF-8');
        const payload = Buffer.from(message).toString('hex');
        events.push(`message ${isText} ${isCompressed} ${payload}`);
      },
      control: (opcode, bytes, start, end) => {
        events.push(`control ${opcode} ${Buffer.from(bytes.subarray(start, end)).toString('hex')}`);
      },
    },
    { maxMessageBytes: 5000, mayCompress: true },
  );
  try {
    for (const piece of pieces) {
      // The shared buffer is written over by the next read: whoever kept a view of it would see that.
      const read = Uint8Array.from(piece);
      parser.push(read, 0, read.length);
      read.fill(0xee);
    }
  } catch (error) {
    if (!(error instanceof FrameFault)) throw error;
    events.push(`fault ${error.closeCode}`);
  }
  return events;
}

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  return places.slice(1).map((end, at) => bytes.subarray(places[at], end));
}

const shapes: fc.Arbitrary<FrameShape> = fc.record(
  {
    opcode: fc.constantFrom(0, 0, 1, 1, 1, 2, 2, 8, 9, 10, 3),
    payload: fc.oneof(fc.string({ maxLength: 200 }), fc.uint8Array({ maxLength: 300 })),
    fin: fc.constantFrom(true, true, false),
    rsv: fc.constantFrom(0, 0, 0, 0, 4, 2),
  },
  { requiredKeys: ['opcode'] },
);

property.prop([fc.array(shapes, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 30 })], { numRuns: 3000 })(
  'cuts change nothing',
  (frames, cuts) => {
    const bytes = Buffer.concat(frames.map(frame));
    const whole = told([bytes]);
    const cut = told(cutAt(bytes, cuts));
    // Text in pieces may be refused before the whole of it is there, so a fault may come sooner, and nothing after it.
    expect(cut).toEqual(whole);
  },
);

test('20,000 runs of bytes: no crash, no endless loop, and nothing told after a fault', () => {
  const random = new Sfc32(7);
  let faults = 0;
  let messages = 0;
  for (let run = 0; run < 20_000; run++) {
    const length = 1 + Math.floor(random.next() * 120);
    const bytes = Buffer.from(Uint8Array.from({ length }, () => Math.floor(random.next() * 256)));
    // Half of them begin like something.
    if (run % 2 === 0) bytes[0] = [0x81, 0x82, 0x01, 0x88, 0x89, 0xc1][(run >> 1) % 6]!;
    if (run % 2 === 0 && length > 1) bytes[1] = Math.floor(random.next() * 20);
    const events = told(cutAt(bytes, [Math.floor(random.next() * length)]));
    const at = events.findIndex((each) => each.startsWith('fault'));
    expect(at === -1 || at === events.length - 1).toBe(true);
    if (at >= 0) faults++;
    messages += events.filter((each) => each.startsWith('message')).length;
  }
  expect(faults).toBeGreaterThan(10_000);
  expect(messages).toBeGreaterThan(1000);
});

property.prop([fc.oneof(fc.string({ maxLength: 70_000 }), fc.uint8Array({ maxLength: 70_000 })), fc.nat(2 ** 32 - 1)], {
  numRuns: 300,
})('what we write is one masked frame that holds what was given', (data, mask) => {
  const { frames, rest } = clientFrames(dataFrame(data, () => mask / 2 ** 32));
  expect(rest).toHaveLength(0);
  expect(frames).toHaveLength(1);
  expect(frames[0]).toMatchObject({ opcode: typeof data === 'string' ? 1 : 2, isMasked: true });
  expect(frames[0]!.payload.equals(Buffer.from(data))).toBe(true);
});
