/**
 * Frames as a client reads them (RFC 6455, section 5). Hot path: a frame that lies whole in one read is handed on where
 * it lies; only what is cut, or comes in fragments, is copied.
 */
import { closeCodes, FrameFault } from './close-codes.ts';
import { Utf8Check } from './utf8-check.ts';

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** The bytes handed over are valid during the call only. A fault is thrown through `push`. */
export interface FrameHandler {
  /** A whole message, its fragments joined. `isCompressed`: as it came, not inflated, and not checked for UTF-8. */
  message(bytes: Uint8Array, start: number, end: number, isText: boolean, isCompressed: boolean): void;
  control(opcode: number, bytes: Uint8Array, start: number, end: number): void;
}

const finBit = 0x80;
const compressedBit = 0x40;
const reservedBits = 0x30;
const maskBit = 0x80;
const longestControl = 125;

export class FrameParser {
  readonly #handler: FrameHandler;
  readonly #maxMessageBytes: number;
  readonly #mayCompress: boolean;
  /** The head of a frame as far as it has come, where it was cut; at most 10 bytes. */
  #head: number[] | undefined;
  // Of the frame whose payload has not come whole.
  #opcode = 0;
  #isFinal = false;
  #payload: Buffer | undefined;
  #received = 0;
  // Of the message whose fragments are coming.
  #messageOpcode = 0;
  #isCompressed = false;
  /** What of it has come, in a buffer that doubles: a server may send a million fragments of a byte, or of none. */
  #joined: Buffer | undefined;
  #joinedBytes = 0;
  /** With the frame that is coming, as long as it says it is. */
  #messageBytes = 0;
  #utf8: Utf8Check | undefined;
  /** The handler wants nothing more: what follows is not looked at. */
  stopped = false;

  constructor(handler: FrameHandler, options: { readonly maxMessageBytes: number; readonly mayCompress: boolean }) {
    this.#handler = handler;
    this.#maxMessageBytes = options.maxMessageBytes;
    this.#mayCompress = options.mayCompress;
  }

  /** Nothing has come of a frame or a message whose rest is to follow. */
  get isBetweenMessages(): boolean {
    return this.#head === undefined && this.#payload === undefined && this.#messageOpcode === 0;
  }

  /** Errors: FrameFault; the parser must not be used after it. */
  push(bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    while (at < end && !this.stopped) {
      if (this.#payload !== undefined) at = this.#fill(this.#payload, bytes, at, end);
      else if (this.#head !== undefined) at = this.#continueHead(this.#head, bytes, at, end);
      else at = this.#frame(bytes, at, end);
    }
  }

  /** A frame that begins at `at`; gives back where the next one does. */
  #frame(bytes: Uint8Array, at: number, end: number): number {
    const available = end - at;
    if (available >= 1) this.#checkFirst(bytes[at]!);
    const headBytes = available < 2 ? 10 : headLength(bytes[at]!, bytes[at + 1]!);
    if (available < headBytes) {
      this.#head = [...bytes.subarray(at, end)];
      return end;
    }
    const length = payloadLength(bytes, at);
    this.#begin(bytes[at]!, length);
    const from = at + headBytes;
    if (from + length <= end) {
      this.#whole(bytes, from, from + length);
      return from + length;
    }
    this.#payload = Buffer.allocUnsafeSlow(length);
    this.#received = 0;
    return from;
  }

  #continueHead(head: number[], bytes: Uint8Array, at: number, end: number): number {
    let next = at;
    while (next < end) {
      head.push(bytes[next++]!);
      if (head.length < 2 || head.length < headLength(head[0]!, head[1]!)) continue;
      const length = payloadLength(head, 0);
      this.#head = undefined;
      this.#begin(head[0]!, length);
      if (next + length <= end) {
        this.#whole(bytes, next, next + length);
        return next + length;
      }
      this.#payload = Buffer.allocUnsafeSlow(length);
      this.#received = 0;
      return next;
    }
    return next;
  }

  #fill(payload: Buffer, bytes: Uint8Array, at: number, end: number): number {
    const taken = Math.min(payload.length - this.#received, end - at);
    payload.set(bytes.subarray(at, at + taken), this.#received);
    this.#checkText(bytes, at, at + taken);
    this.#received += taken;
    if (this.#received === payload.length) {
      this.#payload = undefined;
      this.#whole(payload, 0, payload.length, true);
    }
    return at + taken;
  }

  /** What the first byte alone forbids is told before the rest has come. */
  #checkFirst(first: number): void {
    const opcode = first & 0x0f;
    const isControl = opcode >= 8;
    if ((first & reservedBits) !== 0) throw fault('a frame with a reserved bit set');
    if ((first & compressedBit) !== 0 && (!this.#mayCompress || isControl || opcode === opcodes.continuation)) {
      throw fault('a frame with the bit for compression where it must not be');
    }
    if (opcode > opcodes.pong || (opcode > opcodes.binary && !isControl))
      throw fault(`a frame with opcode ${opcode}, which does not exist`);
    if (isControl && (first & finBit) === 0) throw fault('a fragmented control frame');
    const isFragmented = this.#messageOpcode !== 0;
    if (opcode === opcodes.continuation && !isFragmented) throw fault('a continuation of nothing');
    if (!isControl && opcode !== opcodes.continuation && isFragmented) {
      throw fault('a new message before the last one had ended');
    }
  }

  #begin(first: number, length: number): void {
    this.#opcode = first & 0x0f;
    this.#isFinal = (first & finBit) !== 0;
    if (this.#opcode >= 8) {
      if (length > longestControl) throw fault(`a control frame of ${length} bytes`);
      return;
    }
    if (this.#opcode !== opcodes.continuation) {
      this.#messageOpcode = this.#opcode;
      this.#isCompressed = (first & compressedBit) !== 0;
      this.#messageBytes = 0;
      this.#utf8 = undefined;
    }
    this.#messageBytes += length;
    if (this.#messageBytes > this.#maxMessageBytes) {
      throw new FrameFault(closeCodes.tooBig, `a message of more than ${this.#maxMessageBytes} bytes`);
    }
  }

  /** `isOwn`: the bytes are a copy of ours. */
  #whole(bytes: Uint8Array, start: number, end: number, isOwn = false): void {
    const opcode = this.#opcode;
    if (opcode >= 8) {
      this.#handler.control(opcode, bytes, start, end);
      return;
    }
    if (this.#isFinal && this.#joined === undefined) {
      const isText = this.#messageOpcode === opcodes.text;
      this.#messageOpcode = 0;
      this.#handler.message(bytes, start, end, isText, this.#isCompressed);
      return;
    }
    if (!isOwn) this.#checkText(bytes, start, end);
    this.#join(bytes, start, end);
    if (!this.#isFinal) return;
    const message = this.#joined!;
    const isText = this.#messageOpcode === opcodes.text;
    this.#joined = undefined;
    this.#messageOpcode = 0;
    this.#utf8 = undefined;
    this.#handler.message(message, 0, this.#joinedBytes, isText, this.#isCompressed);
  }

  #join(bytes: Uint8Array, start: number, end: number): void {
    const before = this.#joined;
    const from = before === undefined ? 0 : this.#joinedBytes;
    this.#joinedBytes = from + end - start;
    let joined = before;
    if (joined === undefined || joined.length < this.#joinedBytes) {
      const size = Math.min(2 * this.#joinedBytes, this.#maxMessageBytes);
      this.#joined = joined = Buffer.allocUnsafeSlow(size);
      before?.copy(joined, 0, 0, from);
    }
    joined.set(bytes.subarray(start, end), from);
  }

  /** Of text in pieces: what can no longer become text is told at once. The end of it is checked with the whole. */
  #checkText(bytes: Uint8Array, start: number, end: number): void {
    if (this.#opcode >= 8 || this.#messageOpcode !== opcodes.text || this.#isCompressed) return;
    this.#utf8 ??= new Utf8Check();
    if (!this.#utf8.push(bytes, start, end)) throw new FrameFault(closeCodes.badData, 'a text that is not UTF-8');
  }
}

function headLength(first: number, second: number): number {
  if ((second & maskBit) !== 0) throw fault('a masked frame');
  const short = second & 0x7f;
  if ((first & 0x0f) >= 8 && short > longestControl) throw fault('a control frame of more than 125 bytes');
  return short < 126 ? 2 : short === 126 ? 4 : 10;
}

/** Errors: a length that is not written in the shortest form, or that no machine can hold. */
function payloadLength(head: Uint8Array | readonly number[], at: number): number {
  const short = head[at + 1]! & 0x7f;
  if (short < 126) return short;
  if (short === 126) {
    const length = head[at + 2]! * 256 + head[at + 3]!;
    if (length < 126) throw fault('a length that is not in its shortest form');
    return length;
  }
  let length = 0;
  for (let byte = 2; byte < 10; byte++) length = length * 256 + head[at + byte]!;
  if (head[at + 2]! >= 0x80) throw fault('a length with its highest bit set');
  if (length < 65_536) throw fault('a length that is not in its shortest form');
  if (!Number.isSafeInteger(length)) throw new FrameFault(closeCodes.tooBig, 'a message longer than any memory');
  return length;
}

function fault(message: string): FrameFault {
  return new FrameFault(closeCodes.protocol, message);
}
