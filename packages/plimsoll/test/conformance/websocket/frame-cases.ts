/** What RFC 6455 says a client must take and must refuse, case by case. Each is followed by an orderly close. */
import { binary, close, frame, more, ping, pong, text } from './frames.ts';

export interface FrameCase {
  readonly name: string;
  readonly bytes: Buffer;
  /** Set where the answer to the upgrade agrees to permessage-deflate with these parameters. */
  readonly deflate?: string;
  /** Where `ws` judges otherwise: why. */
  readonly differs?: string;
}

const join = (...parts: readonly Buffer[]): Buffer => Buffer.concat(parts);
const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex');

const opcodeCases: readonly FrameCase[] = Array.from({ length: 16 }, (_, opcode) => ({
  name: `opcode ${opcode}`,
  bytes: opcode === 8 ? close(1000) : frame({ opcode, payload: 'ab' }),
}));

const reservedCases: readonly FrameCase[] = [1, 2, 3, 4, 5, 6, 7].flatMap((rsv) =>
  [1, 2, 9, 10].map((opcode) => ({
    name: `reserved bits ${rsv} on opcode ${opcode}`,
    bytes: frame({ opcode, rsv, payload: 'ab' }),
  })),
);

const lengthCases: readonly FrameCase[] = [
  ...[0, 1, 124, 125, 126, 127, 128, 65_535, 65_536, 70_000].flatMap((length) => [
    { name: `text of ${length} bytes`, bytes: text('x'.repeat(length)) },
    { name: `binary of ${length} bytes`, bytes: binary(Buffer.alloc(length, 7)) },
  ]),
  ...(
    [
      [0, 16],
      [125, 16],
      [0, 64],
      [125, 64],
      [126, 64],
      [65_535, 64],
    ] as const
  ).map(([length, lengthForm]) => ({
    name: `${length} bytes with the length in ${lengthForm} bits`,
    bytes: text('x'.repeat(length), { lengthForm }),
    differs: 'section 5.2: the minimal number of bytes MUST be used; ws does not look',
  })),
  {
    name: 'a length with its highest bit set',
    bytes: text('', { lengthForm: 64, length: 1n << 63n }),
    differs: 'ws says 1009: it only looks whether it could hold it',
  },
  { name: 'a length of 2^53', bytes: text('', { lengthForm: 64, length: 1n << 53n }) },
  { name: 'a masked frame', bytes: text('ab', { isMasked: true }) },
  { name: 'a masked ping', bytes: ping('ab', { isMasked: true }) },
  { name: 'a message at the limit', bytes: text('x'.repeat(1_048_576)) },
  { name: 'a message beyond the limit', bytes: text('x'.repeat(1_048_577)) },
  {
    name: 'fragments beyond the limit',
    bytes: join(text('x'.repeat(1_000_000), { fin: false }), more('y'.repeat(100_000))),
  },
];

const fragmentCases: readonly FrameCase[] = [
  { name: 'two fragments', bytes: join(text('ab', { fin: false }), more('cd')) },
  { name: 'two binary fragments', bytes: join(binary(hex('00ff'), { fin: false }), more(hex('fe01'))) },
  { name: 'three fragments, one empty', bytes: join(text('ab', { fin: false }), more('', { fin: false }), more('cd')) },
  { name: 'fragments that are all empty', bytes: join(text('', { fin: false }), more('', { fin: false }), more('')) },
  { name: 'a ping between fragments', bytes: join(text('ab', { fin: false }), ping('p'), more('cd')) },
  {
    name: 'pings and pongs between fragments',
    bytes: join(text('ab', { fin: false }), ping('p'), pong('q'), more('c', { fin: false }), ping('r'), more('d')),
  },
  { name: 'a close between fragments', bytes: join(text('ab', { fin: false }), close(1000), more('cd')) },
  { name: 'a text between fragments', bytes: join(text('ab', { fin: false }), text('cd')) },
  { name: 'a binary between fragments', bytes: join(text('ab', { fin: false }), binary(hex('00'))) },
  {
    name: 'the start of another between fragments',
    bytes: join(text('ab', { fin: false }), text('cd', { fin: false }), more('ef')),
  },
  { name: 'a continuation of nothing, final', bytes: more('ab') },
  { name: 'a continuation of nothing', bytes: more('ab', { fin: false }) },
  { name: 'a continuation after the end', bytes: join(text('ab', { fin: false }), more('cd'), more('ef')) },
  {
    name: 'two fragmented messages',
    bytes: join(text('a', { fin: false }), more('b'), text('c', { fin: false }), more('d')),
  },
  { name: 'a message that never ends', bytes: text('ab', { fin: false }) },
  {
    name: '1,000 fragments',
    bytes: join(text('a', { fin: false }), ...Array.from({ length: 998 }, () => more('b', { fin: false })), more('c')),
  },
  {
    name: '20,000 fragments',
    bytes: join(
      text('a', { fin: false }),
      ...Array.from({ length: 20_000 }, () => more('b', { fin: false })),
      more('c'),
    ),
    differs:
      'ws refuses more than 16,384 fragments with 1008; the RFC has no limit, and the size of the message has one',
  },
  { name: 'a reserved bit on a continuation', bytes: join(text('ab', { fin: false }), more('cd', { rsv: 4 })) },
];

const controlCases: readonly FrameCase[] = [
  { name: 'an empty ping', bytes: ping('') },
  { name: 'a ping of 125 bytes', bytes: ping('x'.repeat(125)) },
  { name: 'a ping of 126 bytes', bytes: ping('x'.repeat(126)) },
  { name: 'a ping with a length in 16 bits', bytes: ping('x', { lengthForm: 16 }) },
  { name: 'a ping of bytes', bytes: frame({ opcode: 9, payload: hex('00fffefdfc') }) },
  { name: 'a fragmented ping', bytes: join(ping('a', { fin: false }), more('b')) },
  { name: 'a fragmented close', bytes: frame({ opcode: 8, payload: hex('03e8'), fin: false }) },
  { name: 'ten pings', bytes: join(...Array.from({ length: 10 }, (_, at) => ping(`p${at}`))) },
  { name: 'a pong nobody asked for', bytes: pong('x') },
  { name: 'an empty pong', bytes: pong('') },
  { name: 'a message after the close', bytes: join(close(1000), text('late')) },
  { name: 'a ping after the close', bytes: join(close(1000), ping('late')) },
  { name: 'rubbish after the close', bytes: join(close(1000), hex('ffffffff')) },
];

const closeCases: readonly FrameCase[] = [
  { name: 'close without a code', bytes: close() },
  { name: 'close with half a code', bytes: frame({ opcode: 8, payload: hex('03') }) },
  { name: 'close with a reason', bytes: close(1000, 'good bye') },
  { name: 'close with a reason of 123 bytes', bytes: close(1000, 'x'.repeat(123)) },
  { name: 'close of 126 bytes', bytes: close(1000, 'x'.repeat(124)) },
  { name: 'close with a reason that is no UTF-8', bytes: close(1000, hex('cebae1bdb9cf83cebcceb5eda080656469746564')) },
  ...[
    0, 1, 999, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 1015, 1016,
    1100, 2000, 2999, 3000, 3999, 4000, 4999, 5000, 65_535,
  ].map((code) => ({ name: `close with the code ${code}`, bytes: close(code) })),
];

/** Markus Kuhn's and the RFC's: what is and what is no UTF-8. */
const sequences: Readonly<Record<string, string>> = {
  'two bytes': 'c3a9',
  'three bytes': 'e282ac',
  'four bytes': 'f09f9880',
  'the least of two bytes': 'c280',
  'the least of three bytes': 'e0a080',
  'the least of four bytes': 'f0908080',
  'the last of all': 'f48fbfbf',
  'before the surrogates': 'ed9fbf',
  'after the surrogates': 'ee8080',
  'a noncharacter': 'efbfbe',
  'a zero': '00',
  'beyond the last': 'f4908080',
  'five bytes': 'f888808080',
  'six bytes': 'fc8480808080',
  'a surrogate': 'eda080',
  'a pair of surrogates': 'eda080edb080',
  'an overlong slash of two': 'c0af',
  'an overlong slash of three': 'e080af',
  'an overlong slash of four': 'f08080af',
  'an overlong zero': 'c080',
  'a lone continuation': '80',
  'two lone continuations': '80bf',
  'a lead without its rest': 'c3',
  'a lead of three without its rest': 'e282',
  'a lead of four without its rest': 'f09f98',
  'a lead and a letter': 'c341',
  FE: 'fe',
  FF: 'ff',
};

const utf8Cases: readonly FrameCase[] = Object.entries(sequences).flatMap(([what, digits]) => {
  const bytes = Buffer.concat([Buffer.from('ab'), hex(digits)]);
  const [first, second] = [bytes.subarray(0, 3), bytes.subarray(3)];
  return [
    { name: `${what}, whole`, bytes: text(bytes) },
    { name: `${what}, over two fragments`, bytes: join(text(first, { fin: false }), more(second)) },
    { name: `${what}, as binary`, bytes: binary(bytes) },
  ];
});

export const frameCases: readonly FrameCase[] = [
  ...opcodeCases,
  ...reservedCases,
  ...lengthCases,
  ...fragmentCases,
  ...controlCases,
  ...closeCases,
  ...utf8Cases,
];
