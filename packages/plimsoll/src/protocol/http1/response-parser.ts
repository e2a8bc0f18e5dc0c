/**
 * Bytes of an HTTP/1.x answer in, head and body out (RFC 9112). Strict: what other clients forgive is a fault of the
 * server that a load test should show. `docs/explanation/http-conformance.md` lists where it differs from llhttp.
 */
import { CR, LF, SEMICOLON, hexValue, textByte } from './field-characters.ts';
import { HeadParser } from './head-parser.ts';
import { headerRecord, latin1 } from './header-fields.ts';
import type { HeaderRecord } from './header-fields.ts';
import { protocolFault } from './protocol-fault.ts';
import type { ProtocolFault, ProtocolFaultCode } from './protocol-fault.ts';
import { ParsedHead, allowsBody, defaultParserLimits, isUpgrade } from './response-head.ts';
import type { ParserLimits, ResponseHead } from './response-head.ts';

export type { ParserLimits } from './response-head.ts';

export interface BodySink {
  /** The bytes are valid during the call only. */
  onBody(buffer: Uint8Array, start: number, end: number): void;
  /** A 1xx answer (not 101) came before the final one. */
  onInformational?(head: ResponseHead): void;
}

export type ParserState = 'idle' | 'head' | 'body' | 'done' | 'upgrade' | 'error';

/** More 1xx answers than this before the final one are a fault. */
export const maxInformational = 1000;
/** A chunk size and its extensions, without the line break. */
export const maxChunkLineBytes = 4096;

const IDLE = 0;
const HEAD = 1;
const FIXED = 2;
const UNTIL_CLOSE = 3;
const CHUNK_SIZE = 4;
const CHUNK_EXTENSION = 5;
const CHUNK_SIZE_LF = 6;
const CHUNK_DATA = 7;
const CHUNK_DATA_CR = 8;
const CHUNK_DATA_LF = 9;
const TRAILERS = 10;
const DONE = 11;
const UPGRADE = 12;
const FAULTY = 13;

const NOTHING = new Uint8Array(0);

/** One answer at a time. `start` before each request, `execute` for each read, `finish` when the peer closes. */
export class ResponseParser {
  readonly #sink: BodySink;
  readonly #limits: ParserLimits;
  readonly #headParser = new HeadParser();
  #method = 'GET';
  #phase = IDLE;
  #head: ResponseHead | undefined;
  #fault: ProtocolFault | undefined;
  #informational = 0;
  /** Bytes of body or chunk still to come. */
  #remaining = 0;
  #chunkLineBytes = 0;
  /** The begun head or trailer section, when it did not come in one piece. */
  #pending = NOTHING;
  #pendingBytes = 0;
  #trailerText: string | undefined;
  #trailers: HeaderRecord | undefined;

  constructor(sink: BodySink, limits: ParserLimits = defaultParserLimits) {
    this.#sink = sink;
    this.#limits = limits;
    this.start('GET');
  }

  /** Before each request. The method decides whether a body may follow (HEAD, CONNECT). */
  start(method: string): void {
    this.#method = method;
    this.#phase = IDLE;
    this.#head = undefined;
    this.#fault = undefined;
    this.#informational = 0;
    this.#pendingBytes = 0;
    this.#trailerText = undefined;
    this.#trailers = undefined;
    this.#headParser.startHead(method === 'CONNECT', this.#limits.maxHeaders);
  }

  /** 'upgrade' after 101 and after a 2xx answer to CONNECT: what follows is not HTTP. */
  get state(): ParserState {
    if (this.#phase >= DONE) return this.#phase === DONE ? 'done' : this.#phase === UPGRADE ? 'upgrade' : 'error';
    if (this.#phase >= FIXED) return 'body';
    return this.#phase === HEAD ? 'head' : 'idle';
  }

  /** The final head (or that of a 101), as soon as it is complete. */
  get head(): ResponseHead | undefined {
    return this.#head;
  }

  get fault(): ProtocolFault | undefined {
    return this.#fault;
  }

  /** The trailer fields of a chunked body, once it is done; `undefined` when there are none. */
  get trailers(): HeaderRecord | undefined {
    if (this.#trailerText !== undefined) this.#trailers ??= headerRecord(this.#trailerText, 0);
    return this.#trailers;
  }

  /**
   * Feeds bytes.
   *
   * @returns how many were consumed: all of them, or up to the answer's last byte, or up to the offending byte
   */
  execute(buffer: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end) {
      switch (this.#phase) {
        case IDLE:
          this.#phase = HEAD;
          break;
        case HEAD:
        case TRAILERS:
          at = this.#readSection(buffer, at, end);
          break;
        case FIXED:
        case CHUNK_DATA: {
          const stop = Math.min(end, at + this.#remaining);
          this.#remaining -= stop - at;
          this.#sink.onBody(buffer, at, stop);
          at = stop;
          if (this.#remaining === 0) this.#phase = this.#phase === FIXED ? DONE : CHUNK_DATA_CR;
          break;
        }
        case UNTIL_CLOSE:
          this.#sink.onBody(buffer, at, end);
          at = end;
          break;
        case CHUNK_SIZE:
        case CHUNK_EXTENSION:
        case CHUNK_SIZE_LF:
          at = this.#readChunkLine(buffer, at, end);
          break;
        case CHUNK_DATA_CR:
          if (buffer[at] !== CR) this.#fail('bad-chunk-end');
          else {
            this.#phase = CHUNK_DATA_LF;
            at++;
          }
          break;
        case CHUNK_DATA_LF:
          if (buffer[at] !== LF) this.#fail('bad-chunk-end');
          else {
            this.#startChunk();
            at++;
          }
          break;
        default:
          return at - start;
      }
    }
    return at - start;
  }

  /** The peer closed: this ends a close-delimited body; in any other unfinished answer it is the fault 'truncated'. */
  finish(): void {
    if (this.#phase === UNTIL_CLOSE) this.#phase = DONE;
    else if (this.#phase !== IDLE && this.#phase < DONE) this.#fail('truncated');
  }

  #fail(code: ProtocolFaultCode): void {
    this.#phase = FAULTY;
    this.#fault = protocolFault(code);
  }

  /** Head or trailers. Usually they lie in one piece and are parsed where they are; else they gather in `#pending`. */
  #readSection(buffer: Uint8Array, at: number, end: number): number {
    const before = this.#pendingBytes;
    const limit = this.#limits.maxHeadBytes - before;
    const take = Math.min(end - at, limit);
    if (before === 0) {
      const stop = this.#headParser.parse(buffer, at, at, at + take);
      if (!this.#endSection(buffer, at, stop, take === limit)) this.#keep(buffer, at, stop);
      return stop;
    }
    this.#keep(buffer, at, at + take);
    const stop = this.#headParser.parse(this.#pending, 0, before, before + take);
    this.#endSection(this.#pending, 0, stop, take === limit);
    return at + stop - before;
  }

  #keep(buffer: Uint8Array, start: number, end: number): void {
    const bytes = this.#pendingBytes + end - start;
    if (bytes > this.#pending.length) {
      const grown = new Uint8Array(Math.max(bytes, 2 * this.#pending.length, 1024));
      grown.set(this.#pending.subarray(0, this.#pendingBytes));
      this.#pending = grown;
    }
    this.#pending.set(buffer.subarray(start, end), this.#pendingBytes);
    this.#pendingBytes = bytes;
  }

  /** @returns whether the section is over, by its end or by a fault */
  #endSection(buffer: Uint8Array, origin: number, stop: number, atLimit: boolean): boolean {
    const parser = this.#headParser;
    const isHead = this.#phase === HEAD;
    if (parser.fault !== undefined) this.#fail(parser.fault);
    else if (parser.complete) {
      this.#pendingBytes = 0;
      const text = latin1(buffer, origin, stop);
      if (isHead) this.#endHead(new ParsedHead(parser, text, this.#method));
      else {
        this.#phase = DONE;
        if (parser.headerCount > 0) this.#trailerText = text;
      }
    } else if (atLimit) this.#fail(isHead ? 'head-too-large' : 'trailers-too-large');
    else return false;
    return true;
  }

  /** Where the answer ends: RFC 9112, section 6.3. */
  #endHead(head: ResponseHead): void {
    const { status } = head;
    if (status < 200 && status !== 101) {
      this.#headParser.startHead(this.#method === 'CONNECT', this.#limits.maxHeaders);
      if (++this.#informational > maxInformational) this.#fail('too-many-informational');
      else this.#sink.onInformational?.(head);
      return;
    }
    this.#head = head;
    if (isUpgrade(this.#method, status)) this.#phase = UPGRADE;
    else if (!allowsBody(this.#method, status) || head.contentLength === 0) this.#phase = DONE;
    else if (head.chunked) this.#startChunk();
    else if (head.contentLength > 0) {
      this.#remaining = head.contentLength;
      this.#phase = FIXED;
    } else this.#phase = UNTIL_CLOSE;
  }

  #startChunk(): void {
    this.#remaining = 0;
    this.#chunkLineBytes = 0;
    this.#phase = CHUNK_SIZE;
  }

  /** `size [; extensions] CRLF`. What extensions say is ignored, as RFC 9112, section 7.1.1 asks. */
  #readChunkLine(buffer: Uint8Array, at: number, end: number): number {
    for (; at < end; at++) {
      const byte = buffer[at]!;
      if (this.#phase === CHUNK_SIZE_LF) {
        if (byte !== LF) this.#fail('bare-cr');
        else this.#endChunkLine();
        return byte === LF ? at + 1 : at;
      }
      const isFirst = this.#chunkLineBytes === 0;
      if (byte === CR && !isFirst) {
        this.#phase = CHUNK_SIZE_LF;
        continue;
      }
      if (++this.#chunkLineBytes > maxChunkLineBytes) return this.#failAt('chunk-line-too-large', at);
      if (this.#phase === CHUNK_EXTENSION) {
        if (textByte[byte] === 0) return this.#failAt('bad-chunk-extension', at);
      } else if (hexValue[byte]! < 16) {
        this.#remaining = this.#remaining * 16 + hexValue[byte]!;
        if (this.#remaining > Number.MAX_SAFE_INTEGER) return this.#failAt('bad-chunk-size', at);
      } else if (byte === SEMICOLON && !isFirst) {
        this.#phase = CHUNK_EXTENSION;
      } else {
        return this.#failAt('bad-chunk-size', at);
      }
    }
    return at;
  }

  #endChunkLine(): void {
    this.#phase = this.#remaining === 0 ? TRAILERS : CHUNK_DATA;
    if (this.#phase === TRAILERS) this.#headParser.startTrailers(this.#limits.maxHeaders);
  }

  #failAt(code: ProtocolFaultCode, at: number): number {
    this.#fail(code);
    return at;
  }
}
