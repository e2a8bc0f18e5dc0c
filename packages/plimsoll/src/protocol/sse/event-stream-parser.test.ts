import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { streamCases } from './event-stream-cases.fixture.ts';
import { EventStreamParser } from './event-stream-parser.ts';

interface Outcome {
  readonly events: readonly (readonly [string, string, string])[];
  readonly lastEventId: string;
  readonly retryMs: number | undefined;
  readonly isWhole: boolean;
}

/** Each piece lies in a buffer of its own that is spoilt afterwards: nothing may refer to it. */
function parse(pieces: readonly Uint8Array[], maxEventBytes = 1e6): Outcome {
  const events: [string, string, string][] = [];
  const parser = new EventStreamParser({ event: (...event) => events.push(event) }, maxEventBytes);
  let isWhole = true;
  for (const piece of pieces) {
    const read = new Uint8Array(piece.length + 7).fill(0x0a);
    read.set(piece, 3);
    isWhole = parser.push(read, 3, 3 + piece.length);
    read.fill(0x0a);
    if (!isWhole) break;
  }
  return { events, lastEventId: parser.lastEventId, retryMs: parser.retryMs, isWhole };
}

/** Section 9.2.6 word for word, on a whole text: slow, and too simple to be wrong in the same way. */
function bySpecification(bytes: Uint8Array): Omit<Outcome, 'isWhole'> {
  const events: [string, string, string][] = [];
  let [data, type, idBuffer, lastEventId] = ['', '', '', ''];
  let retryMs: number | undefined;
  const text = new TextDecoder('utf-8').decode(bytes);
  const lines = text.split(/\r\n|\r|\n/);
  for (const line of lines.slice(0, -1)) {
    if (line === '') {
      lastEventId = idBuffer;
      if (data !== '') events.push([type === '' ? 'message' : type, data.replace(/\n$/, ''), lastEventId]);
      [data, type] = ['', ''];
    } else if (!line.startsWith(':')) {
      const [, field, value] = /^([^:]*):? ?([^]*)$/.exec(line)!;
      if (field === 'event') type = value!;
      if (field === 'data') data += `${value!}\n`;
      if (field === 'id' && !value!.includes('\0')) idBuffer = value!;
      if (field === 'retry' && /^[0-9]+$/.test(value!)) retryMs = Number(value);
    }
  }
  return { events, lastEventId, retryMs };
}

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

describe('the specification, sentence by sentence', () => {
  test.each(streamCases.map((each) => [each.name, each] as const))('%s', (_, { stream, events, ...after }) => {
    const bytes = Buffer.from(stream);
    const expected = { events, lastEventId: after.lastEventId ?? '', retryMs: after.retryMs };
    expect(bySpecification(bytes)).toEqual(expected);
    expect(parse([bytes])).toEqual({ ...expected, isWhole: true });
    expect(parse([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual({ ...expected, isWhole: true });
  });
});

/** Rich in what matters: line ends, field names, marks, broken characters. */
const word = fc.constantFrom(
  ...[
    '\n',
    '\r',
    '\r\n',
    '\n\n',
    ':',
    ': ',
    ' ',
    'data',
    'data:',
    'event:',
    'id:',
    'retry:',
    '12',
    'a',
    'ü',
    '€',
    '😀',
  ],
  ...['\uFEFF', '\0', 'x'.repeat(300)],
);
const piece = fc.oneof(
  { weight: 9, arbitrary: word.map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 3 }).map((bytes) => Buffer.from(bytes)) },
);
const stream = fc.array(piece, { maxLength: 60 }).map((pieces) => new Uint8Array(Buffer.concat(pieces)));
const places = fc.array(fc.nat(2000), { maxLength: 12 });

property.prop([stream, places], { numRuns: 2000 })(
  'any stream, cut anywhere, is what the specification says',
  (bytes, at) => {
    expect(parse(cut(bytes, at))).toEqual({ ...bySpecification(bytes), isWhole: true });
  },
);

property.prop([stream, places, fc.integer({ min: 1, max: 400 })], { numRuns: 1000 })(
  'a limit bites at the same event wherever the stream is cut',
  (bytes, at, limit) => {
    const inOne = parse([bytes], limit);
    expect(parse(cut(bytes, at), limit)).toEqual(inOne);
    const unlimited = bySpecification(bytes).events;
    expect(inOne.events).toEqual(unlimited.slice(0, inOne.events.length));
    if (inOne.isWhole) expect(inOne.events).toEqual(unlimited);
  },
);

describe('limits', () => {
  const bytes = (text: string): Uint8Array => Buffer.from(text);

  test('an event of just the limit is taken, of a byte more not', () => {
    expect(parse([bytes(`data:${'x'.repeat(95)}\n\n`)], 100)).toMatchObject({ isWhole: true, events: [{}] });
    expect(parse([bytes(`data:${'x'.repeat(96)}\n\n`)], 100)).toMatchObject({ isWhole: false, events: [] });
  });

  test('lines of data add up, and a line that never ends is not waited for', () => {
    expect(parse([bytes('data:x\n'.repeat(20))], 100).isWhole).toBe(false);
    expect(parse([bytes('data\n'.repeat(30))], 100).isWhole).toBe(false);
    expect(
      parse(
        Array.from({ length: 30 }, () => bytes('abcd')),
        100,
      ).isWhole,
    ).toBe(false);
  });

  test('comments and events do not add up', () => {
    const heartbeats = parse([bytes(':ping\n'.repeat(1000) + 'data:x\n\n'.repeat(1000))], 100);
    expect(heartbeats).toMatchObject({ isWhole: true });
    expect(heartbeats.events.length).toBe(1000);
  });

  test('what came before the event that is too long has been told, and nothing after it is', () => {
    const long = `data:a\n\ndata:${'x'.repeat(200)}\n\ndata:b\n\n`;
    expect(parse([bytes(long)], 100)).toMatchObject({ events: [['message', 'a', '']], isWhole: false });
  });
});

test('an earlier connection leaves its last event id', () => {
  const ids: string[] = [];
  const parser = new EventStreamParser({ event: (_, __, id) => ids.push(id) }, 1000, 'before');
  expect(parser.lastEventId).toBe('before');
  const bytes = Buffer.from('data:1\n\nid:after\ndata:2\n\n');
  parser.push(bytes, 0, bytes.length);
  expect(ids).toEqual(['before', 'after']);
});
