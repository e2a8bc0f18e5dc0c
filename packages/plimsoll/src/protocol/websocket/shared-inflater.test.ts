import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { constants, createInflateRaw, deflateRawSync, inflateRawSync } from 'node:zlib';
import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test, vi } from 'vitest';
import { InflatedTooLong, isDataFault, SharedInflater } from './shared-inflater.ts';

const tail = Buffer.from([0x00, 0x00, 0xff, 0xff]);
const anyLength = 1 << 30;

function deflated(data: string | Uint8Array, windowBits = 15): Buffer {
  const whole = deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH, windowBits });
  return whole.subarray(0, whole.length - tail.length);
}

/** As zlib's own call has it: the bytes, 'too long', or 'no deflate data'. */
function expected(bytes: Uint8Array, mostBytes: number): string {
  try {
    const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: mostBytes };
    return inflateRawSync(Buffer.concat([bytes, tail]), options).toString('hex');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too long' : 'no deflate data';
  }
}

function outcome(inflater: SharedInflater, bytes: Uint8Array, mostBytes: number): string {
  try {
    return inflater.inflate(bytes, 0, bytes.length, mostBytes).toString('hex');
  } catch (error) {
    return error instanceof InflatedTooLong ? 'too long' : 'no deflate data';
  }
}

describe('the shared inflater', () => {
  const made = SharedInflater.make();
  // On a Node that is built otherwise each message takes a stream of its own; that should be known.
  if (made === undefined) throw new Error('this version of Node lets us make no shared inflater');
  const inflater = made;

  const someBytes = fc.uint8Array({ maxLength: 400 });
  const message = fc.oneof(
    // As a server sends it, with any window; as it may not; and with its end cut off.
    fc
      .tuple(fc.string({ maxLength: 3000 }), fc.integer({ min: 9, max: 15 }))
      .map(([text, bits]) => deflated(text, bits)),
    someBytes,
    fc.tuple(fc.string({ minLength: 20 }), fc.nat()).map(([text, at]) => {
      const whole = deflated(text);
      return whole.subarray(0, at % whole.length);
    }),
    // A last block, which ends the stream: allowed (RFC 7692, section 7.2.3.4), and what follows is not read.
    someBytes.map((bytes) => Buffer.concat([deflateRawSync(bytes), Buffer.from([0])])),
  );

  property.prop([fc.array(fc.tuple(message, fc.constantFrom(1, 50, anyLength)), { maxLength: 8 })], { numRuns: 2000 })(
    'says of each message what zlib says, whatever the one before was',
    (messages) => {
      for (const [bytes, mostBytes] of messages) {
        const said = outcome(inflater, bytes, mostBytes);
        // A message may be both, too long before it shows that it is none: zlib takes it whole, with its tail.
        const isBoth = said === 'too long' && expected(bytes, anyLength) === 'no deflate data';
        expect(said).toBe(isBoth ? 'too long' : expected(bytes, mostBytes));
      }
    },
  );

  test.each([65_535, 65_536, 65_537, 131_072, 5_000_000])('a message of %i bytes', (bytes) => {
    const data = Buffer.alloc(bytes, 'plimsoll ');
    const sent = deflated(data);
    expect(inflater.inflate(sent, 0, sent.length, bytes).equals(data)).toBe(true);
    expect(() => inflater.inflate(sent, 0, sent.length, bytes - 1)).toThrow(InflatedTooLong);
  });

  test('reads where the message lies', () => {
    const sent = deflated('in the middle');
    const around = Buffer.concat([Buffer.from('before'), sent, Buffer.from('behind')]);
    expect(inflater.inflate(around, 6, 6 + sent.length, anyLength).toString()).toBe('in the middle');
  });

  test('a bomb ends at the limit, and leaves no memory behind', () => {
    const bomb = deflated(Buffer.alloc(200_000_000));
    const outputs = vi.spyOn(Buffer, 'allocUnsafeSlow');
    expect(() => inflater.inflate(bomb, 0, bomb.length, 3_000_000)).toThrow(InflatedTooLong);
    const bytes = outputs.mock.calls.map(([length]) => length);
    // It doubles to one byte beyond the limit, and is let go.
    expect(bytes).toEqual([131_072, 262_144, 524_288, 1_048_576, 2_097_152, 3_000_001, 65_536]);
    outputs.mockRestore();
    const after = deflated('still there');
    expect(inflater.inflate(after, 0, after.length, anyLength).toString()).toBe('still there');
  });

  test('goes on after a collection: nothing of it is held by its stream alone', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const own = SharedInflater.make()!;
    const sent = deflated('still there');
    for (let n = 0; n < 3; n++) {
      collect();
      expect(own.inflate(sent, 0, sent.length, anyLength).toString()).toBe('still there');
    }
  });
});

interface Parts {
  _handle?: { writeSync?: unknown; reset?: unknown };
  _writeState?: unknown;
}

/** zlib writes to them for as long as there are handles, and keeps none of them alive. */
const writtenTo: unknown[] = [];

/** A stream of zlib's with something of it changed, as another version of Node might have it. */
function changed(change: (parts: Parts) => void): object {
  const stream = createInflateRaw();
  const parts = stream as unknown as Parts;
  writtenTo.push(stream, parts._writeState);
  change(parts);
  return stream;
}

test('a want of memory is no fault of the data', () => {
  const stream = createInflateRaw();
  const inflater = SharedInflater.make(stream)!;
  const { _handle: handle } = stream as unknown as {
    readonly _handle: { onerror: (message: string, errno: number, code: string) => void; writeSync: () => void };
  };
  const writeSync = handle.writeSync.bind(handle);
  for (const [code, isTheirs] of [
    ['Z_MEM_ERROR', false],
    ['Z_DATA_ERROR', true],
  ] as const) {
    Object.defineProperty(handle, 'writeSync', {
      configurable: true,
      value: () => {
        handle.onerror('as told', -1, code);
      },
    });
    let error: unknown;
    try {
      inflater.inflate(new Uint8Array(1), 0, 1, anyLength);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ message: 'as told' });
    expect(isDataFault(error)).toBe(isTheirs);
  }
  Object.defineProperty(handle, 'writeSync', { value: writeSync });
});

test.each<readonly [string, object]>([
  ['without a handle', {}],
  ['without writeSync', changed((parts) => Object.defineProperty(parts._handle, 'writeSync', { value: undefined }))],
  ['without reset', changed((parts) => Object.defineProperty(parts._handle, 'reset', { value: undefined }))],
  ['without the state of a write', changed((parts) => delete parts._writeState)],
  ['which does not tell what it wrote', changed((parts) => (parts._writeState = new Uint32Array(2)))],
  [
    'which writes nothing',
    changed((parts) => Object.defineProperty(parts._handle, 'writeSync', { value: () => undefined })),
  ],
  [
    'which is never reset',
    changed((parts) => Object.defineProperty(parts._handle, 'reset', { value: () => undefined })),
  ],
])('is not made of a stream %s', (_, stream) => {
  expect(SharedInflater.make(stream)).toBeUndefined();
});
