/**
 * Where our parser and llhttp part, on purpose. Each class names the answers it covers as narrowly as it can; the
 * comparison fails for any answer that no class explains. `docs/explanation/http-conformance.md` is the prose of it.
 */
import type { OurOutcome, Outcome } from './outcome.ts';
import { runParser, toBytes } from './outcome.ts';

export interface Comparison {
  readonly method: string;
  readonly text: string;
  readonly ours: OurOutcome;
  readonly theirs: Outcome;
}

export interface Difference {
  readonly name: string;
  readonly reason: string;
  explains(comparison: Comparison): boolean;
}

/** Same verdict, status, headers, trailers, body, 1xx answers, end of the answer, and readiness for another request. */
export function isSame({ method, ours, theirs }: Comparison): boolean {
  return (
    ours.verdict === theirs.verdict &&
    ours.status === theirs.status &&
    ours.body === theirs.body &&
    ours.informational.join() === theirs.informational.join() &&
    (ours.verdict === 'error' || ours.verdict === 'incomplete' || ours.fields === theirs.fields) &&
    // llhttp does not always point at the offending byte; how much of a whole answer was read is exact.
    (ours.verdict === 'error' || ours.consumed === theirs.consumed) &&
    // llhttp does not know that an answer to HEAD without a length needs no close.
    (ours.verdict !== 'complete' || method === 'HEAD' || ours.keepAlive === theirs.keepAlive)
  );
}

/** The line that holds the byte at `offset`, up to its CR or up to `end`. */
function lineAt(text: string, offset: number, end = text.indexOf('\r', offset)): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  return text.slice(start, end === -1 ? text.length : end);
}

const limits = new Set([
  'head-too-large',
  'too-many-headers',
  'trailers-too-large',
  'too-many-trailers',
  'too-many-informational',
  'chunk-line-too-large',
]);

const isUnsafe = (value: bigint): boolean => value > BigInt(Number.MAX_SAFE_INTEGER);

export const llhttpDifferences: readonly Difference[] = [
  {
    name: 'other-protocol',
    reason: 'llhttp also reads RTSP and ICE answers; a load test of HTTP has asked for neither.',
    explains: ({ text, ours }) =>
      ours.fault === 'bad-status-line' && /^(RTSP\/|ICE\/|(R|RT|RTS|RTSP|I|IC|ICE)$)/.test(text.slice(ours.consumed)),
  },
  {
    name: 'other-version',
    reason: 'llhttp lets HTTP/0.9 and HTTP/2.0 pass in a status line, and judges a version only when it has all of it.',
    explains: ({ text, ours }) =>
      ours.fault === 'bad-version' && /^HTTP\/(0\.9|2\.0|\d\.?$)/.test(text.slice(ours.consumed - 5)),
  },
  {
    name: 'blank-line-before-answer',
    reason: 'RFC 9112 section 2.2 lets a server skip blank lines before a request; before an answer they are a fault.',
    explains: ({ text, ours }) => ours.fault === 'bad-status-line' && /^[\r\n]/.test(text.slice(ours.consumed)),
  },
  {
    name: 'status-below-100',
    reason: 'RFC 9110 section 15 calls codes outside 100 to 599 invalid; we refuse 000 to 099, which have no class.',
    explains: ({ text, ours }) => ours.fault === 'bad-status' && /^HTTP\/1\.[01] 0/.test(text.slice(ours.consumed - 9)),
  },
  {
    name: 'control-in-reason',
    reason: 'RFC 9112 section 4 allows no control characters in a reason phrase; llhttp does not look.',
    explains: ({ ours }) => ours.fault === 'bad-reason',
  },
  {
    name: 'two-cr-after-status-line',
    reason: 'RFC 9112 section 2.2: a CR without LF is a fault; llhttp lets CR CR end the status line.',
    explains: ({ text, ours }) =>
      ours.fault === 'bare-cr' &&
      /^HTTP\/1\.[01] \d{3}[^\n]*\r\r$/.test(lineAt(text, ours.consumed - 1, ours.consumed + 1)),
  },
  {
    name: 'beyond-safe-integers',
    reason: 'llhttp counts to 2^64; a JavaScript number counts exactly to 2^53 - 1, and no real body is longer.',
    explains({ text, ours }) {
      const before = text.slice(0, ours.consumed + 1);
      if (ours.fault === 'bad-content-length') {
        const digits = /:[ \t]*(\d+)[ \t]*$/.exec(lineAt(text, ours.consumed))?.[1];
        return digits !== undefined && isUnsafe(BigInt(digits));
      }
      const digits = /\n([0-9a-f]+)$/i.exec(before)?.[1];
      return ours.fault === 'bad-chunk-size' && digits !== undefined && isUnsafe(BigInt(`0x${digits}`));
    },
  },
  {
    name: 'transfer-encoding-in-http-1.0',
    reason: 'RFC 9112 section 6.1: Transfer-Encoding in HTTP/1.0 means that the framing is faulty.',
    explains: ({ ours }) => ours.fault === 'transfer-encoding-in-http-1.0',
  },
  {
    name: 'malformed-transfer-encoding',
    reason: 'RFC 9112 sections 6.1 and 7: codings are tokens, chunked comes once and has no parameters, one is needed.',
    explains: ({ ours }) => ours.fault === 'bad-transfer-encoding',
  },
  {
    name: 'limits',
    reason: 'llhttp leaves limits to its caller; ours keeps a server from filling the memory of the tool.',
    explains: ({ ours }) => limits.has(ours.fault ?? ''),
  },
  {
    name: 'chunk-extension-grammar',
    reason:
      'RFC 9112 section 7.1.1: a recipient ignores extensions it does not know. We refuse control characters only.',
    explains: ({ theirs, ours }) => /chunk extension/i.test(theirs.reason) && wentFurther(ours, theirs),
  },
  {
    name: 'del-in-chunk-extension',
    reason: 'RFC 9110 section 5.6.4 keeps DEL out of quoted strings; llhttp lets it pass there.',
    explains: ({ text, ours }) => ours.fault === 'bad-chunk-extension' && text[ours.consumed] === '\x7f',
  },
  {
    name: 'tab-after-value',
    reason:
      'RFC 9110 section 5.6.3: white space around a value may be tabs; llhttp allows only spaces after these two.',
    explains: ({ text, theirs, ours }) =>
      wentFurther(ours, theirs)
        ? /^content-length:[ \t]*\d+ *\t/i.test(lineAt(text, theirs.consumed))
        : ours.head?.chunked === true && /^transfer-encoding:.*chunked *\t[ \t]*\r/im.test(text),
  },
  {
    name: 'comma-after-chunked',
    reason:
      'RFC 9110 section 5.6.1.2: empty elements of a list are skipped; llhttp does not see "chunked," as chunked.',
    explains: ({ ours }) => ours.head?.chunked === true && /,[ \t]*$/.test(ours.head.header('transfer-encoding') ?? ''),
  },
  {
    name: 'length-in-trailers',
    reason: 'RFC 9110 section 6.5.1: trailers do not frame the message they follow; llhttp refuses a length there.',
    explains: ({ ours, theirs }) => ours.head?.chunked === true && theirs.reason.includes('Content-Length'),
  },
  {
    name: 'body-of-informational',
    reason: 'RFC 9112 section 6.3: no 1xx answer has a body; llhttp knows that of 100 to 103 only.',
    explains: ({ ours }) => ours.informational.some((status) => status > 103),
  },
  {
    name: 'close-in-informational',
    reason: 'Only the final answer decides about the connection; llhttp takes "close" in a 1xx for the end of it.',
    explains: ({ ours, theirs }) => ours.informational.length > 0 && theirs.reason.includes('Data after'),
  },
  {
    name: 'framing-of-connect',
    reason: 'RFC 9110 section 9.3.6: in a 2xx answer to CONNECT, Content-Length and Transfer-Encoding are ignored.',
    explains: ({ method, text, ours, theirs }) =>
      method === 'CONNECT' &&
      ours.verdict !== 'error' &&
      /HTTP\/1\.[01] 2\d\d[^\d]/.test(text.slice(0, theirs.consumed)) &&
      /Content-Length|Transfer-Encoding/.test(theirs.reason),
  },
  {
    name: 'close-and-keep-alive',
    reason: 'RFC 9112 section 9.3: close wins over keep-alive in HTTP/1.0, too.',
    explains: (comparison) =>
      differsInKeepAliveOnly(comparison) &&
      comparison.ours.head?.minorVersion === 0 &&
      /close/i.test(comparison.ours.head.header('connection') ?? ''),
  },
  {
    name: 'proxy-connection',
    reason: 'Proxy-Connection is in no standard; llhttp reads it as Connection.',
    explains: (comparison) =>
      differsInKeepAliveOnly(comparison) && comparison.ours.head?.header('proxy-connection') !== undefined,
  },
  {
    name: 'empty-length-at-the-end',
    reason: 'After an empty Content-Length, llhttp waits for the next line before it complains.',
    explains: ({ text, ours, theirs }) =>
      (ours.fault === 'bad-content-length' || ours.fault === 'conflicting-length') &&
      theirs.verdict === 'incomplete' &&
      /\ncontent-length:[ \t]*\r\n?$/i.test(text),
  },
  {
    name: 'unfinished-line',
    reason:
      'We judge a header line when it ends, llhttp at the offending byte; of a line cut short, only llhttp complains.',
    explains: ({ method, text, ours, theirs }) =>
      ours.verdict === 'incomplete' &&
      ours.status === 0 &&
      theirs.verdict === 'error' &&
      runParser(method, toBytes(`${text}\r\n\r\n`), []).verdict === 'error',
  },
];

/** llhttp refused something at a place that we read on from. */
function wentFurther(ours: Outcome, theirs: Outcome): boolean {
  return theirs.verdict === 'error' && (ours.verdict !== 'error' || ours.consumed > theirs.consumed);
}

function differsInKeepAliveOnly(comparison: Comparison): boolean {
  const { ours, theirs } = comparison;
  return ours.verdict === 'complete' && isSame({ ...comparison, theirs: { ...theirs, keepAlive: ours.keepAlive } });
}

/** The first class that explains why the two differ. */
export function explain(comparison: Comparison): Difference | undefined {
  return llhttpDifferences.find((difference) => difference.explains(comparison));
}
