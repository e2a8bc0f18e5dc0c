/** The fields that decide where an answer ends and whether its connection lives on (RFC 9112, sections 6 and 9). */
import { COMMA, isBlank, sameLetters, tokenByte } from './field-characters.ts';
import type { ProtocolFaultCode } from './protocol-fault.ts';

const CLOSE = 1;
const KEEP_ALIVE = 2;

/** Collects the framing fields of one head. Each `note…` takes a value without surrounding white space. */
export class Framing {
  contentLength = -1;
  /** The last transfer coding is chunked. */
  chunked = false;
  transferEncoding = false;
  keepAliveTimeoutSeconds = -1;
  #chunkedSeen = false;
  #connection = 0;

  reset(): void {
    this.contentLength = -1;
    this.chunked = false;
    this.transferEncoding = false;
    this.keepAliveTimeoutSeconds = -1;
    this.#chunkedSeen = false;
    this.#connection = 0;
  }

  /** RFC 9112, section 9.3: `close` wins; HTTP/1.0 has to say `keep-alive`. */
  isPersistent(minorVersion: 0 | 1): boolean {
    if ((this.#connection & CLOSE) !== 0) return false;
    return minorVersion === 1 || (this.#connection & KEEP_ALIVE) !== 0;
  }

  /** A second Content-Length is refused even when it says the same: two authors of one length are a fault. */
  noteContentLength(buffer: Uint8Array, start: number, end: number): ProtocolFaultCode | undefined {
    if (this.contentLength >= 0) return 'conflicting-length';
    if (this.transferEncoding) return 'length-and-transfer-encoding';
    if (start === end) return 'bad-content-length';
    let length = 0;
    for (let at = start; at < end; at++) {
      const digit = buffer[at]! - 0x30;
      if (digit < 0 || digit > 9) return 'bad-content-length';
      length = length * 10 + digit;
      if (length > Number.MAX_SAFE_INTEGER) return 'bad-content-length';
    }
    this.contentLength = length;
    return undefined;
  }

  /** Several lines count as one list. Chunked before another coding leaves the body to end with the connection. */
  noteTransferEncoding(
    buffer: Uint8Array,
    start: number,
    end: number,
    minorVersion: 0 | 1,
  ): ProtocolFaultCode | undefined {
    if (minorVersion === 0) return 'transfer-encoding-in-http-1.0';
    if (this.contentLength >= 0) return 'length-and-transfer-encoding';
    this.transferEncoding = true;
    let codings = 0;
    for (let at = start; at < end; at++) {
      const elementEnd = endOfElement(buffer, at, end);
      const from = skipBlanks(buffer, at, elementEnd);
      const nameEnd = endOfToken(buffer, from, elementEnd);
      const rest = skipBlanks(buffer, nameEnd, elementEnd);
      at = elementEnd;
      if (from === elementEnd) continue; // lists may hold empty elements (RFC 9110, section 5.6.1.2)
      if (nameEnd === from || (rest < elementEnd && buffer[rest] !== 0x3b)) return 'bad-transfer-encoding';
      codings++;
      this.chunked = nameEnd - from === 7 && sameLetters(buffer, from, 'chunked');
      if (!this.chunked) continue;
      if (this.#chunkedSeen || rest < elementEnd) return 'bad-transfer-encoding'; // chunked takes no parameters
      this.#chunkedSeen = true;
    }
    return codings === 0 ? 'bad-transfer-encoding' : undefined;
  }

  noteConnection(buffer: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; at++) {
      const elementEnd = endOfElement(buffer, at, end);
      const from = skipBlanks(buffer, at, elementEnd);
      let to = elementEnd;
      while (to > from && isBlank(buffer[to - 1]!)) to--;
      if (to - from === 5 && sameLetters(buffer, from, 'close')) this.#connection |= CLOSE;
      else if (to - from === 10 && sameLetters(buffer, from, 'keep-alive')) this.#connection |= KEEP_ALIVE;
      at = elementEnd;
    }
  }

  /** `Keep-Alive: timeout=5, max=100`: only the timeout matters to a client; anything unreadable is no promise. */
  noteKeepAlive(buffer: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; at++) {
      const elementEnd = endOfElement(buffer, at, end);
      const from = skipBlanks(buffer, at, elementEnd);
      at = elementEnd;
      if (elementEnd - from <= 8 || !sameLetters(buffer, from, 'timeout=')) continue;
      let seconds = 0;
      let digits = from + 8;
      for (; digits < elementEnd; digits++) {
        const digit = buffer[digits]! - 0x30;
        if (digit < 0 || digit > 9) break;
        seconds = Math.min(seconds * 10 + digit, Number.MAX_SAFE_INTEGER);
      }
      if (digits > from + 8 && skipBlanks(buffer, digits, elementEnd) === elementEnd) {
        this.keepAliveTimeoutSeconds = seconds;
      }
    }
  }
}

function endOfElement(buffer: Uint8Array, at: number, end: number): number {
  while (at < end && buffer[at] !== COMMA) at++;
  return at;
}

function endOfToken(buffer: Uint8Array, at: number, end: number): number {
  while (at < end && tokenByte[buffer[at]!] === 1) at++;
  return at;
}

function skipBlanks(buffer: Uint8Array, at: number, end: number): number {
  while (at < end && isBlank(buffer[at]!)) at++;
  return at;
}
