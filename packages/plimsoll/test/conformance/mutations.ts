/** Deterministic damage to an answer: what a faulty server, proxy or network might make of it. */
import { testRandom } from '../../src/kernel/random.ts';
import type { SeededRandom } from '../../src/kernel/random.ts';
import type { RealisticResponse } from './realistic-responses.ts';

export interface MutatedResponse {
  readonly method: string;
  readonly text: string;
  /** Where the pieces end in which it arrives, rising. */
  readonly splits: readonly number[];
}

type Mutation = (text: string, random: SeededRandom) => string;

/** The bytes that mean something to a parser. */
const telling = [...Array.from('\0\t\n\r "(),-+/09:;=AFaghHxz\x7f\x80\xff'), '\r\n', '\r\n\r\n', 'HTTP/1.1 ', '  '];

const lines = [
  'Content-Length: 5',
  'content-length: 0',
  'Content-Length: 26',
  'Content-Length:',
  'Content-Length: 18446744073709551616',
  'Content-Length: 9007199254740993',
  'Transfer-Encoding: chunked',
  'transfer-encoding: gzip',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: chunked, identity',
  'Connection: close',
  'Connection: keep-alive',
  'Connection: upgrade',
  'Upgrade: websocket',
  'Keep-Alive: timeout=5',
  'Proxy-Connection: close',
  ' folded',
  'X-Empty:',
  'no colon',
  'Bad Name: x',
  'HTTP/1.1 200 OK',
];

const statuses = [
  '100',
  '101',
  '103',
  '150',
  '199',
  '200',
  '204',
  '205',
  '304',
  '404',
  '000',
  '099',
  '999',
  '20',
  '2000',
];
const versions = ['1.0', '1.1', '0.9', '2.0', '1.2', '1.', '11'];
const sizes = [
  '0',
  '00',
  '1',
  '5',
  '5 ',
  '1a',
  '1A',
  '-1',
  '+5',
  '0x5',
  'g',
  '',
  '10000000000000000',
  '20000000000000',
];
const extensions = [';a', ';a=b', ';a="b"', '; a', ';', ';a=', ';a="b', ' ;a', ';a;b', ';a=b c', ';\t'];
const numbers = ['', '0', '4', '6', '05', '+5', '-5', '5, 5', '5 5', '0x5', '5\t', '99999999999999999999', '1e3'];

function at(text: string, random: SeededRandom): number {
  return random.integer(0, text.length);
}

/** Replaces one of the places where `pattern` (with flag g) matches; the text itself when there is none. */
function replaceOne(text: string, pattern: RegExp, random: SeededRandom, by: (match: string) => string): string {
  const matches = [...text.matchAll(pattern)];
  if (matches.length === 0) return text;
  const match = random.pick(matches);
  return text.slice(0, match.index) + by(match[0]) + text.slice(match.index + match[0].length);
}

const mutations: readonly Mutation[] = [
  function flipByte(text, random) {
    const where = at(text, random);
    return text.slice(0, where) + String.fromCharCode(random.integer(0, 255)) + text.slice(where + 1);
  },
  function flipBit(text, random) {
    const where = random.integer(0, Math.max(0, text.length - 1));
    const flipped = (text.charCodeAt(where) || 0) ^ (1 << random.integer(0, 7));
    return text.slice(0, where) + String.fromCharCode(flipped) + text.slice(where + 1);
  },
  function insertTelling(text, random) {
    const where = at(text, random);
    return text.slice(0, where) + random.pick(telling) + text.slice(where);
  },
  function replaceByTelling(text, random) {
    const where = at(text, random);
    return text.slice(0, where) + random.pick(telling) + text.slice(where + 1);
  },
  function removeRange(text, random) {
    const where = at(text, random);
    return text.slice(0, where) + text.slice(where + random.integer(1, 12));
  },
  function repeatRange(text, random) {
    const where = at(text, random);
    const piece = text.slice(where, where + random.integer(1, 40));
    return text.slice(0, where) + piece + text.slice(where);
  },
  function swapLines(text, random) {
    const all = text.split('\r\n');
    const one = random.integer(0, all.length - 1);
    const other = random.integer(0, all.length - 1);
    [all[one], all[other]] = [all[other]!, all[one]!];
    return all.join('\r\n');
  },
  function repeatLine(text, random) {
    const all = text.split('\r\n');
    all.splice(random.integer(0, all.length - 1), 0, random.pick(all));
    return all.join('\r\n');
  },
  function addHeader(text, random) {
    return replaceOne(text, /\r\n/g, random, () => `\r\n${random.pick(lines)}\r\n`);
  },
  function tamperLength(text, random) {
    return replaceOne(text, /(?<=content-length:[ \t]*)\S+/gi, random, () => random.pick(numbers));
  },
  function tamperStatus(text, random) {
    return replaceOne(text, /(?<=HTTP\/1\.[01] )\d{3}/g, random, () => random.pick(statuses));
  },
  function tamperVersion(text, random) {
    return replaceOne(text, /(?<=HTTP\/)1\.[01]/g, random, () => random.pick(versions));
  },
  function tamperChunkSize(text, random) {
    return replaceOne(text, /(?<=\r\n)[0-9a-f]{1,3}(?=[;\r])/gi, random, () => random.pick(sizes));
  },
  function tamperChunkExtension(text, random) {
    return replaceOne(text, /(?<=\r\n[0-9a-f]{1,3})(;[^\r]*)?(?=\r)/gi, random, () => random.pick(extensions));
  },
  function breakLineEnd(text, random) {
    return replaceOne(text, /\r\n/g, random, () => random.pick(['\n', '\r', '\r\r\n', '\n\r', '', '\r\n\r\n']));
  },
  function changeCase(text, random) {
    return replaceOne(text, /[A-Za-z-]+(?=[:,\r])/g, random, (word) =>
      random.integer(0, 1) === 0 ? word.toUpperCase() : word.toLowerCase(),
    );
  },
  function truncate(text, random) {
    return text.slice(0, at(text, random));
  },
];

const methods = ['GET', 'GET', 'HEAD', 'CONNECT'];

/** The mutated answer number `index`: the same for the same number and seeds, on every machine. */
export function mutatedResponse(index: number, seeds: readonly RealisticResponse[]): MutatedResponse {
  const random = testRandom(9112, index);
  const seed = random.pick(seeds);
  let { text } = seed;
  const rounds = random.pick([1, 1, 1, 2, 2, 3]);
  for (let round = 0; round < rounds; round++) text = random.pick(mutations)(text, random);
  const method = random.integer(0, 9) === 0 ? random.pick(methods) : seed.method;
  const splits = Array.from({ length: random.integer(0, 4) }, () => at(text, random)).sort((a, b) => a - b);
  return { method, text, splits };
}
