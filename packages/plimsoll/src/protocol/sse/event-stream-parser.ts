/**
 * Bytes of a `text/event-stream` in, events out: HTML, section 9.2.6, "Interpreting an event stream", cut anywhere.
 * Hot path: a line that lies whole in what was read is decoded where it is; only a begun one is copied.
 *
 * Line ends are looked for in the bytes: in UTF-8, well formed or not, 0x0A and 0x0D are never part of another
 * character, so to cut first and to decode afterwards gives the same lines.
 */
export interface EventStreamHandler {
  /** `id` is the last event id as of this event, '' where none was given. */
  event(type: string, data: string, id: string): void;
}

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;
const byteOrderMark = [0xef, 0xbb, 0xbf] as const;
const longestName = 'event'.length;
const noBytes = Buffer.alloc(0);

export class EventStreamParser {
  readonly #handler: EventStreamHandler;
  readonly #maxEventBytes: number;
  /** The begun line, when it did not come in one piece. */
  #line = noBytes;
  #lineBytes = 0;
  /** Bytes of a byte order mark seen; 3: it has come, or will not. */
  #markBytes = 0;
  /** The line before ended with CR: an LF that follows belongs to it. */
  #afterCr = false;
  #isOverlong = false;
  // The buffers of section 9.2.6. No data at all is not the same as an empty line of data.
  #type = '';
  #data: string | undefined = undefined;
  #dataBytes = 0;
  #id: string;
  /** The last event id string: as of the last blank line. */
  lastEventId: string;
  /** Milliseconds, as the server last said; undefined until it does. */
  retryMs: number | undefined = undefined;

  /** `lastEventId`: what an earlier connection of the same stream has left. */
  constructor(handler: EventStreamHandler, maxEventBytes: number, lastEventId = '') {
    this.#handler = handler;
    this.#maxEventBytes = maxEventBytes;
    this.#id = lastEventId;
    this.lastEventId = lastEventId;
  }

  /** false: a line, or the lines of data of an event, are longer than allowed. It reads no more then. */
  push(bytes: Uint8Array, start: number, end: number): boolean {
    const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = this.#markBytes < 3 ? this.#skipMark(buffer, start, end) : start;
    while (at < end && !this.#isOverlong) {
      if (this.#afterCr) {
        this.#afterCr = false;
        if (buffer[at] === LF) {
          at++;
          continue;
        }
      }
      const stop = endOfLine(buffer, at, end);
      if (stop === end) {
        this.#keep(buffer, at, end);
        break;
      }
      this.#afterCr = buffer[stop] === CR;
      this.#endLine(buffer, at, stop);
      at = stop + 1;
    }
    return !this.#isOverlong;
  }

  /** One leading byte order mark is no part of the text. What only begins like one is put back. */
  #skipMark(buffer: Buffer, start: number, end: number): number {
    let at = start;
    for (; at < end && this.#markBytes < 3; at++) {
      if (buffer[at] !== byteOrderMark[this.#markBytes]) {
        this.#keep(Buffer.from(byteOrderMark), 0, this.#markBytes);
        this.#markBytes = 3;
        return at;
      }
      this.#markBytes++;
    }
    return at;
  }

  #keep(buffer: Buffer, start: number, end: number): void {
    const bytes = this.#lineBytes + end - start;
    if (this.#refuses(bytes)) return;
    if (bytes > this.#line.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(bytes, 2 * this.#line.length, 256));
      this.#line.copy(grown, 0, 0, this.#lineBytes);
      this.#line = grown;
    }
    buffer.copy(this.#line, this.#lineBytes, start, end);
    this.#lineBytes = bytes;
  }

  /** Held against the limit: the data so far, and the line whole or begun. So it does not matter where reads end. */
  #refuses(lineBytes: number): boolean {
    if (this.#dataBytes + lineBytes <= this.#maxEventBytes) return false;
    this.#isOverlong = true;
    this.#line = noBytes;
    this.#data = undefined;
    return true;
  }

  #endLine(buffer: Buffer, start: number, stop: number): void {
    if (this.#lineBytes === 0) {
      if (!this.#refuses(stop - start)) this.#readLine(buffer, start, stop);
      return;
    }
    this.#keep(buffer, start, stop);
    if (this.#isOverlong) return;
    const line = this.#line;
    const bytes = this.#lineBytes;
    this.#lineBytes = 0;
    // An idle stream holds no buffer.
    this.#line = noBytes;
    this.#readLine(line, 0, bytes);
  }

  #readLine(line: Buffer, start: number, stop: number): void {
    if (start === stop) {
      this.#dispatch();
      return;
    }
    let colon = start;
    while (colon < stop && line[colon] !== COLON) colon++;
    if (colon === start) return;
    let value = colon;
    if (value < stop) value++;
    if (value < stop && line[value] === SPACE) value++;
    if (colon - start > longestName) return;
    const name = line.toString('latin1', start, colon);
    const text = line.toString('utf8', value, stop);
    if (name === 'data') {
      this.#data = this.#data === undefined ? text : `${this.#data}\n${text}`;
      // The field's name counts as well: empty lines of data must not be free.
      this.#dataBytes += stop - start;
    } else if (name === 'event') this.#type = text;
    else if (name === 'id' && !text.includes('\0')) this.#id = text;
    else if (name === 'retry' && /^[0-9]+$/.test(text)) this.retryMs = Number(text);
  }

  #dispatch(): void {
    const data = this.#data;
    const type = this.#type;
    this.lastEventId = this.#id;
    this.#data = undefined;
    this.#dataBytes = 0;
    this.#type = '';
    if (data !== undefined) this.#handler.event(type === '' ? 'message' : type, data, this.lastEventId);
  }
}

function endOfLine(buffer: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && buffer[at] !== LF && buffer[at] !== CR) at++;
  return at;
}
