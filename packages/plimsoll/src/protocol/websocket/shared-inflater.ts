/**
 * One inflater for all connections of a thread whose servers keep no context (RFC 7692, section 7.1.1.1). zlib's own call
 * for a whole piece makes a stream and its window for each message; this one makes them once and resets them, which takes
 * less than half the time for a message of a kilobyte.
 *
 * At once, because a message inflated later would be handed on behind others and with a time that is not its own. Node
 * documents no way to go on with a stream at once: what is used here are the parts its own synchronous calls are built
 * of, as ssh2 does. So they are tried before they are trusted; where they are missing or work otherwise there is no shared
 * inflater, and each message takes a stream of its own.
 */
import type { InflateRaw } from 'node:zlib';
import { builtIn } from '../../kernel/built-in.ts';

interface ZlibHandle {
  reset(): void;
  writeSync(
    flush: number,
    input: Uint8Array,
    inputAt: number,
    inputBytes: number,
    output: Uint8Array,
    outputAt: number,
    outputBytes: number,
  ): void;
  onerror: (message: string, errno: number, code: string) => void;
}

type Stream = InflateRaw & { readonly _handle?: Partial<ZlibHandle>; readonly _writeState?: Uint32Array };

/** It would be longer than allowed. */
export class InflatedTooLong extends Error {}
/** It is no deflate data, and why. */
class NotDeflated extends Error {}

const dataFaults = new Set(['Z_DATA_ERROR', 'Z_BUF_ERROR', 'Z_NEED_DICT']);

/** Whether it is the data that zlib complains of, and not a want of memory, for one. */
export function isDataFault(error: unknown): boolean {
  return error instanceof NotDeflated || dataFaults.has(String((error as NodeJS.ErrnoException).code));
}

const firstOutputBytes = 64 * 1024;
/** An output that had to grow beyond this belongs to its message, and goes with it. */
const mostKeptBytes = 1024 * 1024;
const notTold = 0xffff_ffff;
/** What the sender takes off the end of each message. */
const tail = new Uint8Array([0x00, 0x00, 0xff, 0xff]);

export class SharedInflater {
  readonly #handle: ZlibHandle;
  /** What a write leaves behind: bytes free in the output, bytes of the input not taken. zlib does not keep it alive. */
  readonly #left: Uint32Array;
  readonly #flush: number;
  #output = Buffer.allocUnsafeSlow(firstOutputBytes);
  #length = 0;
  #fault: Error | undefined;

  private constructor(handle: ZlibHandle, left: Uint32Array, flush: number) {
    this.#handle = handle;
    this.#left = left;
    this.#flush = flush;
    handle.onerror = (message, _, code) => {
      this.#fault = dataFaults.has(code) ? new NotDeflated(message) : new Error(message);
    };
  }

  /**
   * With the largest window.
   *
   * @returns undefined: this version of Node has other parts
   */
  static make(stream: object = builtIn.zlib().createInflateRaw()): SharedInflater | undefined {
    const { _handle: handle, _writeState: left } = stream as Stream;
    const isKnown = typeof handle?.writeSync === 'function' && typeof handle.reset === 'function';
    if (!isKnown || !(left instanceof Uint32Array) || left.length < 2) return undefined;
    const made = new SharedInflater(handle as ZlibHandle, left, builtIn.zlib().constants.Z_SYNC_FLUSH);
    return made.#works() ? made : undefined;
  }

  /** A message, a fault, and a message again. */
  #works(): boolean {
    const text = 'a message of which all is known, all is known';
    const { constants, deflateRawSync } = builtIn.zlib();
    const deflated = deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH });
    const inflates = (): boolean =>
      this.inflate(deflated, 0, deflated.length - tail.length, text.length).toString() === text;
    try {
      return inflates() && this.#refuses(new Uint8Array([0xff])) && inflates();
    } catch {
      return false;
    }
  }

  #refuses(bytes: Uint8Array): boolean {
    try {
      this.inflate(bytes, 0, bytes.length, 1);
      return false;
    } catch (error) {
      return error instanceof NotDeflated;
    }
  }

  /**
   * @param bytes holds a message without its tail, from `start` to before `end`
   * @returns valid until the next call. Errors: InflatedTooLong; NotDeflated; another one where memory is wanting.
   */
  inflate(bytes: Uint8Array, start: number, end: number, mostBytes: number): Buffer {
    this.#length = 0;
    this.#fault = undefined;
    this.#handle.reset();
    try {
      this.#write(bytes, start, end, mostBytes);
      this.#write(tail, 0, tail.length, mostBytes);
      return this.#output.subarray(0, this.#length);
    } finally {
      if (this.#output.length > mostKeptBytes) this.#output = Buffer.allocUnsafeSlow(firstOutputBytes);
    }
  }

  #write(bytes: Uint8Array, start: number, end: number, mostBytes: number): void {
    let at = start;
    do {
      if (this.#length === this.#output.length) this.#grow(mostBytes);
      const free = this.#output.length - this.#length;
      this.#left[0] = notTold;
      this.#handle.writeSync(this.#flush, bytes, at, end - at, this.#output, this.#length, free);
      if (this.#fault !== undefined) throw this.#fault;
      if (this.#left[0] > free) throw new Error('zlib does not tell what it has written');
      this.#length += free - this.#left[0];
      at = end - this.#left[1]!;
      if (this.#length > mostBytes) throw new InflatedTooLong();
      // An output that is full may not have been all.
    } while (this.#left[0] === 0);
  }

  /** One byte beyond the limit tells that it is too long. */
  #grow(mostBytes: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.min(2 * this.#output.length, mostBytes + 1));
    this.#output.copy(grown);
    this.#output = grown;
  }
}
