/**
 * What RFC 7692 says a client must inflate and must refuse. Each case is met twice: by a client that goes on with the
 * server's window, and by one whose server agreed to keep none. What refers to an earlier message, the second refuses.
 */
import { constants, deflateRawSync } from 'node:zlib';
import { Sfc32 } from '../../../src/kernel/random.ts';
import type { FrameCase } from './frame-cases.ts';
import { binary, more, ping, text } from './frames.ts';

const compressed = { rsv: 4 } as const;

function deflated(
  data: string | Uint8Array,
  options: { windowBits?: number; level?: number; dictionary?: Buffer } = {},
): Buffer {
  const bytes = deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH, ...options });
  return bytes.subarray(0, bytes.length - 4);
}

const hello = 'Hello, Hello, Hello';
const long = 'The quick brown fox jumps over the lazy dog. '.repeat(2000);
const join = (...parts: readonly Buffer[]): Buffer => Buffer.concat(parts);

/** The second message refers to the first, as with a window that is kept. */
const second = deflated(hello, { dictionary: Buffer.from(hello) });
/** So far back that only a full window reaches it. */
const far = 'x'.repeat(20_000) + 'needle in a haystack';
const afterFar = deflated('needle in a haystack', { dictionary: Buffer.from(far) });

/** Twice over, the second refers to the first: further back than 9 bits reach, and than what zlib has at hand. */
const random = new Sfc32(3);
const noise = Buffer.from(Uint8Array.from({ length: 10_000 }, () => Math.floor(random.next() * 256)));

const cases: readonly FrameCase[] = [
  { name: 'a compressed text', bytes: text(deflated(hello), compressed) },
  { name: 'a compressed binary', bytes: binary(deflated(Buffer.alloc(1000, 3)), compressed) },
  { name: 'a long text', bytes: text(deflated(long), compressed) },
  { name: 'an empty message', bytes: text(Buffer.from([0]), compressed) },
  { name: 'the example of section 7.2.3.1', bytes: text(Buffer.from('f248cdc9c90700', 'hex'), compressed) },
  {
    name: 'a block without compression (7.2.3.3)',
    bytes: text(Buffer.from('000500faff48656c6c6f00', 'hex'), compressed),
  },
  { name: 'a final block (7.2.3.4)', bytes: text(Buffer.from('f348cdc9c9070000', 'hex'), compressed) },
  {
    name: 'two blocks (7.2.3.5)',
    bytes: text(Buffer.from('f248050000 00ffffcac9c90700'.replaceAll(' ', ''), 'hex'), compressed),
  },
  { name: 'a message that is not compressed', bytes: text('plain') },
  {
    name: 'one compressed, one not, one compressed',
    bytes: join(text(deflated(hello), compressed), text('plain'), text(deflated('more'), compressed)),
  },
  { name: 'with the window kept', bytes: join(text(deflated(hello), compressed), text(second, compressed)) },
  { name: 'with a far window', bytes: join(text(deflated(far), compressed), text(afterFar, compressed)) },
  {
    name: 'with the window kept past a plain message',
    bytes: join(text(deflated(hello), compressed), text('plain'), text(second, compressed)),
  },
  {
    name: 'ten times with the window kept',
    bytes: join(text(deflated(hello), compressed), ...Array.from({ length: 10 }, () => text(second, compressed))),
  },
  {
    name: 'the same twice',
    bytes: join(text(deflated(hello), compressed), text(deflated(hello), compressed)),
  },
  {
    name: 'in three fragments',
    bytes: join(
      text(deflated(hello).subarray(0, 3), { ...compressed, fin: false }),
      more(deflated(hello).subarray(3, 5), { fin: false }),
      more(deflated(hello).subarray(5)),
    ),
  },
  {
    name: 'in fragments, with a ping between',
    bytes: join(
      text(deflated(hello).subarray(0, 3), { ...compressed, fin: false }),
      ping('p'),
      more(deflated(hello).subarray(3)),
    ),
  },
  {
    name: 'the bit on a continuation',
    bytes: join(
      text(deflated(hello).subarray(0, 3), { ...compressed, fin: false }),
      more(deflated(hello).subarray(3), compressed),
    ),
  },
  { name: 'the bit on a ping', bytes: ping('p', compressed) },
  { name: 'the second reserved bit', bytes: text(deflated(hello), { rsv: 6 }) },
  {
    name: 'a small window',
    deflate: 'server_max_window_bits=9',
    bytes: text(deflated(long, { windowBits: 9 }), compressed),
  },
  {
    name: 'a larger window than agreed',
    deflate: 'server_max_window_bits=9',
    bytes: binary(deflated(join(noise, noise)), compressed),
  },
  {
    // Refused by neither: zlib looks back at all that it has written of these 16 KiB, whatever the window is.
    name: 'a larger window than agreed, in a short message',
    deflate: 'server_max_window_bits=9',
    bytes: binary(deflated(join(noise.subarray(0, 5000), noise.subarray(0, 5000))), compressed),
  },
  { name: 'stored only', bytes: text(deflated(long, { level: 0 }), compressed) },
  { name: 'a compressed text that is no UTF-8', bytes: text(deflated(Buffer.from('61ff62', 'hex')), compressed) },
  { name: 'rubbish', bytes: text(Buffer.from('ffffffffffff', 'hex'), compressed) },
  { name: 'a block of an unknown kind', bytes: text(Buffer.from([0x07]), compressed) },
  {
    name: 'a stored block with the wrong check',
    bytes: text(Buffer.from('000500000048656c6c6f00', 'hex'), compressed),
  },
  {
    name: 'a stored block that the tail completes',
    bytes: binary(Buffer.from('000500faff48', 'hex'), compressed),
  },
  { name: 'a bomb', bytes: binary(deflated(Buffer.alloc(50_000_000)), compressed) },
  { name: 'inflated to the limit', bytes: binary(deflated(Buffer.alloc(1_048_576, 1)), compressed) },
  { name: 'inflated beyond the limit', bytes: binary(deflated(Buffer.alloc(1_048_577, 1)), compressed) },
];

export const deflateCases: readonly FrameCase[] = ['', 'server_no_context_takeover'].flatMap((context) =>
  cases.map(({ name, deflate = '', ...each }) => ({
    name: context === '' ? name : `${name} (${context})`,
    deflate: [deflate, context].filter(Boolean).join('; '),
    ...each,
  })),
);
