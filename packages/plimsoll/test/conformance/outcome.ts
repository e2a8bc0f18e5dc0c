/** What a parser made of one answer, in terms that two parsers can be compared by. */
import { ResponseParser } from '../../src/protocol/http1/response-parser.ts';
import type { ProtocolFaultCode } from '../../src/protocol/http1/protocol-fault.ts';
import type { ResponseHead } from '../../src/protocol/http1/response-head.ts';
import type { Verdict } from './response-case.ts';

export interface Outcome {
  readonly verdict: Verdict;
  /** Of the final answer; 0 when its head never became complete. */
  readonly status: number;
  /** Delivered so far, as latin1. */
  readonly body: string;
  /** Up to the answer's last byte, or to where the fault was seen. */
  readonly consumed: number;
  readonly keepAlive: boolean;
  /** Status codes of the 1xx answers before the final one. */
  readonly informational: readonly number[];
  /** Headers of the final answer, then its trailers, in one comparable text. */
  readonly fields: string;
  /** llhttp's reason, for people. */
  readonly reason: string;
}

export interface OurOutcome extends Outcome {
  readonly fault: ProtocolFaultCode | undefined;
  readonly head: ResponseHead | undefined;
  readonly trailers: Readonly<Record<string, string>> | undefined;
}

/** The same text for the same fields: names sorted, values joined as `ResponseHead.headers` joins them. */
export function fieldsText(
  headers: Readonly<Record<string, string>>,
  trailers: Readonly<Record<string, string>> | undefined,
): string {
  return JSON.stringify([headers, trailers ?? {}].map((fields) => Object.entries(fields).sort()));
}

export function toBytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

/** Feeds `bytes` in pieces that end at `splits` (rising), each from a buffer that is overwritten afterwards. */
export function runParser(method: string, bytes: Uint8Array, splits: readonly number[]): OurOutcome {
  let body = '';
  const informational: number[] = [];
  const parser = new ResponseParser({
    onBody(buffer, start, end) {
      body += Buffer.from(buffer.subarray(start, end)).toString('latin1');
    },
    onInformational: (head) => informational.push(head.status),
  });
  parser.start(method);
  const readBuffer = new Uint8Array(bytes.length);
  let consumed = 0;
  let from = 0;
  for (const to of [...splits, bytes.length]) {
    if (consumed < from) break;
    readBuffer.set(bytes.subarray(from, to), 0);
    consumed += parser.execute(readBuffer, 0, to - from);
    readBuffer.fill(0x21, 0, to - from);
    from = to;
  }
  if (consumed === bytes.length) parser.finish();
  const fault = parser.fault?.code;
  return {
    verdict: verdictOf(parser),
    status: parser.head?.status ?? 0,
    body,
    consumed,
    keepAlive: parser.head?.keepAlive ?? false,
    informational,
    fields: parser.head === undefined ? '' : fieldsText(parser.head.headers(), parser.trailers),
    reason: fault ?? '',
    fault,
    head: parser.head,
    trailers: parser.trailers,
  };
}

function verdictOf(parser: ResponseParser): Verdict {
  switch (parser.state) {
    case 'done':
      return 'complete';
    case 'upgrade':
      return 'upgrade';
    case 'error':
      return parser.fault?.code === 'truncated' ? 'incomplete' : 'error';
    default:
      return 'incomplete';
  }
}
