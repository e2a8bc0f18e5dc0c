/** What the text of the HTML Standard, sections 9.2.5 and 9.2.6, says of streams: one case for each of its sentences. */
export interface StreamCase {
  readonly name: string;
  readonly stream: string | Uint8Array;
  /** [type, data, id] of each event. */
  readonly events: readonly (readonly [string, string, string])[];
  /** After the stream, where it is not ''. */
  readonly lastEventId?: string;
  /** After the stream, where the server has said it. */
  readonly retryMs?: number;
}

const message = (data: string, id = ''): readonly [string, string, string] => ['message', data, id];
const bom = '\uFEFF';

/** The examples of section 9.2.6. */
const examples: readonly StreamCase[] = [
  {
    name: 'three lines of data are one event',
    stream: 'data: YHOO\ndata: +2\ndata: 10\n\n',
    events: [message('YHOO\n+2\n10')],
  },
  {
    name: 'four blocks: a comment, an id, an id reset, and a last one that no blank line ends',
    stream: ': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event',
    events: [message('first event', '1'), message('second event')],
  },
  {
    name: 'empty data is an event, two empty lines a line feed, and the last block is discarded',
    stream: 'data\n\ndata\ndata\n\ndata:',
    events: [message(''), message('\n')],
  },
  {
    name: 'one space after the colon is ignored',
    stream: 'data:test\n\ndata: test\n\n',
    events: [message('test'), message('test')],
  },
];

const lines: readonly StreamCase[] = [
  { name: 'lines end with LF', stream: 'data:a\ndata:b\n\n', events: [message('a\nb')] },
  { name: 'lines end with CR', stream: 'data:a\rdata:b\r\r', events: [message('a\nb')] },
  { name: 'lines end with CRLF', stream: 'data:a\r\ndata:b\r\n\r\n', events: [message('a\nb')] },
  {
    name: 'line ends may be mixed',
    stream: 'data:a\r\ndata:b\ndata:c\r\rdata:d\n\r\ndata:e\r\n\r',
    events: [message('a\nb\nc'), message('d'), message('e')],
  },
  { name: 'LF CR are two line ends', stream: 'data:a\n\rdata:b\n\n', events: [message('a'), message('b')] },
  {
    name: 'no other character ends a line',
    stream: 'data:a\u2028\u2029\u0085\v\fb\n\n',
    events: [message('a\u2028\u2029\u0085\v\fb')],
  },
  { name: 'blank lines alone are no events', stream: '\n\n\r\n\r\r\n\n', events: [] },
  { name: 'an empty stream has no events', stream: '', events: [] },
  { name: 'what no blank line ends is discarded', stream: 'data:a\n\ndata:b\n', events: [message('a')] },
  {
    name: 'nor is a last line without an end',
    stream: 'data:a\n\ndata:b\n\ndata:c',
    events: [message('a'), message('b')],
  },
];

const encoding: readonly StreamCase[] = [
  { name: 'one leading byte order mark is stripped', stream: `${bom}data:a\n\n`, events: [message('a')] },
  {
    name: 'a second one is part of the field name',
    stream: `${bom}${bom}data:a\n\ndata:b\n\n`,
    events: [message('b')],
  },
  { name: 'one further on too', stream: `data:a\n\n${bom}data:b\n\ndata:c\n\n`, events: [message('a'), message('c')] },
  { name: 'one in the data is data', stream: `data:${bom}a\n\n`, events: [message(`${bom}a`)] },
  {
    name: 'two thirds of one are characters that are none',
    stream: Uint8Array.of(0xef, 0xbb, ...Buffer.from('data:a\n\n')),
    events: [],
  },
  {
    name: 'characters of two, three and four bytes',
    stream: 'event:ü\nid:€\ndata:😀\n\n',
    events: [['ü', '😀', '€']],
    lastEventId: '€',
  },
  {
    name: 'what is not UTF-8 is U+FFFD',
    stream: Uint8Array.of(...Buffer.from('data:'), 0xff, 0x41, 0xe2, 0x82, 0x0a, 0x0a),
    events: [message('\uFFFDA\uFFFD')],
  },
  {
    name: 'a line end inside a character ends the line',
    stream: Uint8Array.of(...Buffer.from('data:'), 0xf0, 0x9f, 0x0d, 0x0a, 0x0d, 0x0a),
    events: [message('\uFFFD')],
  },
  { name: 'NUL in data is data', stream: 'data:\0a\n\n', events: [message('\0a')] },
];

const fields: readonly StreamCase[] = [
  { name: 'a line that begins with a colon is ignored', stream: ':data:a\n: \n:\ndata:b\n\n', events: [message('b')] },
  { name: 'a comment ends no event', stream: 'data:a\n:\ndata:b\n\n', events: [message('a\nb')] },
  { name: 'the value begins behind the first colon', stream: 'data:a:b: c\n\n', events: [message('a:b: c')] },
  {
    name: 'one space is removed, no more and nothing else',
    stream: 'data:  a\n\ndata:\ta \n\n',
    events: [message(' a'), message('\ta ')],
  },
  { name: 'a line without a colon is a field of that name', stream: 'data\nevent\nid\n\n', events: [message('')] },
  { name: 'names are compared exactly', stream: 'Data:a\n data:b\ndata :c\ndat:d\ndatas:e\ndata\0:f\n\n', events: [] },
  { name: 'other fields are ignored', stream: 'foo:a\ndata:b\nbar\n\n', events: [message('b')] },
  { name: 'event sets the type', stream: 'event: tick\ndata:a\n\n', events: [['tick', 'a', '']] },
  { name: 'of several the last', stream: 'event:a\ndata:1\nevent:b\n\n', events: [['b', '1', '']] },
  { name: 'an empty one is message again', stream: 'event:a\nevent:\ndata:1\n\n', events: [message('1')] },
  {
    name: 'the type is forgotten with the event',
    stream: 'event:a\ndata:1\n\ndata:2\n\n',
    events: [['a', '1', ''], message('2')],
  },
  { name: 'and with a block that has no data', stream: 'event:a\n\ndata:2\n\n', events: [message('2')] },
  {
    name: 'the id stays until another is set',
    stream: 'id:7\ndata:1\n\ndata:2\n\nid:8\n\ndata:3\n\n',
    events: [message('1', '7'), message('2', '7'), message('3', '8')],
    lastEventId: '8',
  },
  { name: 'it is set also where there is no event', stream: 'id:7\n\n', events: [], lastEventId: '7' },
  { name: 'but not before the blank line', stream: 'id:7\ndata:1\n', events: [] },
  {
    name: 'one with NUL in it is ignored',
    stream: 'id:7\nid:8\0\ndata:1\n\n',
    events: [message('1', '7')],
    lastEventId: '7',
  },
  { name: 'an empty one resets it', stream: 'id:7\n\nid:\ndata:1\n\n', events: [message('1')] },
  { name: 'retry is digits', stream: 'retry:2500\n', events: [], retryMs: 2500 },
  { name: 'leading zeros are decimal', stream: 'retry: 010\n', events: [], retryMs: 10 },
  { name: 'retry needs no event and makes none', stream: 'retry:7\n\ndata:a\n\n', events: [message('a')], retryMs: 7 },
  {
    name: 'anything but digits is ignored',
    stream: 'retry:100\nretry:2x\nretry:-1\nretry:1.5\nretry:0x5\nretry: 5 \nretry:\nretry\nretry:٣\n',
    events: [],
    retryMs: 100,
  },
];

export const streamCases: readonly StreamCase[] = [...examples, ...lines, ...encoding, ...fields];
