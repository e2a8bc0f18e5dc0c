/** The head of an answer: what the framing needs at once, everything else as strings when asked for. */
import { HeadParser } from './head-parser.ts';
import { eachField, fieldValues, headerRecord, latin1 } from './header-fields.ts';
import type { HeaderRecord } from './header-fields.ts';
import { protocolFault } from './protocol-fault.ts';
import type { ProtocolFault } from './protocol-fault.ts';

export interface ParserLimits {
  /** Status line, header lines and blank line; trailers have the same limit of their own. */
  readonly maxHeadBytes: number;
  /** Header lines; trailers have the same limit of their own. */
  readonly maxHeaders: number;
}

export const defaultParserLimits: ParserLimits = { maxHeadBytes: 65_536, maxHeaders: 2000 };

export interface ResponseHead {
  /** 100 to 999. */
  readonly status: number;
  readonly minorVersion: 0 | 1;
  /** As sent, one character per byte; '' when there is none. */
  readonly reason: string;
  /** A private copy of the head, blank line included: it outlives the read buffer. */
  readonly bytes: Uint8Array;
  /** -1 when absent. */
  readonly contentLength: number;
  /** The last transfer coding is chunked. */
  readonly chunked: boolean;
  /** Version and Connection header allow another request, and the end of this answer is known without a close. */
  readonly keepAlive: boolean;
  /** From `Keep-Alive: timeout=…`; -1 when absent. */
  readonly keepAliveTimeoutSeconds: number;
  /** Lower case; several codings joined with ', '; '' when absent or identity. */
  readonly contentEncoding: string;
  readonly hasSetCookie: boolean;
  readonly location: string | undefined;
  /** By name in any case; repeated fields joined with ', ', but set-cookie with '\n'. */
  header(name: string): string | undefined;
  /** Null prototype, lower-case names, joined as in `header`. */
  headers(): HeaderRecord;
  /** Each line in its order, lower-case name and value. For one look at a head that is kept: `headers` makes a record that stays. */
  eachHeader(visit: (name: string, value: string) => void): void;
  /** One string per set-cookie line. */
  setCookies(): readonly string[];
}

/** May an answer to `method` with this status have a body at all? RFC 9112, section 6.3. */
export function allowsBody(method: string, status: number): boolean {
  if (status < 200 || status === 204 || status === 304 || method === 'HEAD') return false;
  return !(method === 'CONNECT' && status < 300);
}

/** Does the connection speak another protocol from here on? */
export function isUpgrade(method: string, status: number): boolean {
  return status === 101 || (method === 'CONNECT' && status >= 200 && status < 300);
}

/** A head whose bytes are known to be valid. */
export class ParsedHead implements ResponseHead {
  readonly status: number;
  readonly minorVersion: 0 | 1;
  readonly contentLength: number;
  readonly chunked: boolean;
  readonly keepAlive: boolean;
  readonly keepAliveTimeoutSeconds: number;
  readonly hasSetCookie: boolean;
  readonly #hasLocation: boolean;
  readonly #hasContentEncoding: boolean;
  readonly #reasonEnd: number;
  /** The private copy: a string costs a tenth of an array with memory of its own. */
  readonly #text: string;
  #bytes: Uint8Array | undefined;
  #record: HeaderRecord | undefined;

  /** @param text the head that `parser` has just completed, as latin1 */
  constructor(parser: HeadParser, text: string, method: string) {
    const { framing } = parser;
    this.status = parser.status;
    this.minorVersion = parser.minorVersion;
    this.#text = text;
    this.contentLength = framing.contentLength;
    this.chunked = framing.chunked;
    this.keepAlive =
      framing.isPersistent(parser.minorVersion) &&
      !isUpgrade(method, parser.status) &&
      (framing.contentLength >= 0 || framing.chunked || !allowsBody(method, parser.status));
    this.keepAliveTimeoutSeconds = framing.keepAliveTimeoutSeconds;
    this.hasSetCookie = parser.hasSetCookie;
    this.#hasLocation = parser.hasLocation;
    this.#hasContentEncoding = parser.hasContentEncoding;
    this.#reasonEnd = parser.reasonEnd;
  }

  get bytes(): Uint8Array {
    this.#bytes ??= Buffer.from(this.#text, 'latin1');
    return this.#bytes;
  }

  get reason(): string {
    return this.#text.slice(13, this.#reasonEnd);
  }

  get contentEncoding(): string {
    if (!this.#hasContentEncoding) return '';
    const coding = this.header('content-encoding')!.toLowerCase();
    return coding === 'identity' ? '' : coding;
  }

  get location(): string | undefined {
    return this.#hasLocation ? this.header('location') : undefined;
  }

  header(name: string): string | undefined {
    const record = this.headers();
    return record[name] ?? record[name.toLowerCase()];
  }

  headers(): HeaderRecord {
    this.#record ??= headerRecord(this.#text, this.#firstLine());
    return this.#record;
  }

  eachHeader(visit: (name: string, value: string) => void): void {
    eachField(this.#text, this.#firstLine(), visit);
  }

  setCookies(): readonly string[] {
    return this.hasSetCookie ? fieldValues(this.#text, this.#firstLine(), 'set-cookie') : [];
  }

  #firstLine(): number {
    return this.#reasonEnd + 2;
  }
}

const shared = new HeadParser();

/**
 * Parses the head that begins at `start` and lies whole in `[start, end)`; bytes behind it are left alone.
 * `keepAlive` is that of an answer to GET.
 */
export function parseHead(
  buffer: Uint8Array,
  start: number,
  end: number,
  limits: ParserLimits = defaultParserLimits,
): ResponseHead | ProtocolFault {
  shared.startHead(false, limits.maxHeaders);
  const stop = shared.parse(buffer, start, start, Math.min(end, start + limits.maxHeadBytes));
  if (shared.complete) return new ParsedHead(shared, latin1(buffer, start, stop), 'GET');
  const unfinished = end - start > limits.maxHeadBytes ? 'head-too-large' : 'truncated';
  return protocolFault(shared.fault ?? unfinished);
}
