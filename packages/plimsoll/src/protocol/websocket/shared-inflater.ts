/**
 * One inflater for all connections of a thread whose servers keep no context (RFC 7692, section 7.1.1.1). zlib's own call
 * for a whole piece makes a stream and its window for each message; this one makes them once and resets them: 4 µs in
 * place of 9 for a message of a kilobyte.
 *
 * At once, because a message inflated later would be handed on behind others and with a time that is not its own. Node
 * documents no way to go on with a stream at once: what is used here are the parts its own synchronous calls are built
 * of, as ssh2 does. Where they are missing there is no shared inflater, and each message takes a stream of its own.
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
  onerror: (message: string) => void;
}

type Stream = InflateRaw & { readonly _handle?: Partial<ZlibHandle>; readonly _writeState?: Uint32Array };

/** It would be longer than allowed. */
export class InflatedTooLong extends Error {}

const firstOutputBytes = 64 * 1024;
/** An output that had to grow beyond this is let go after its message. */
const mostKeptBytes = 1024 * 1024;
/** What the sender takes off the end of each message. */
const tail = new Uint8Array([0x00, 0x00, 0xff, 0xff]);

export class SharedInflater {
  readonly #handle: ZlibHandle;
  /** What a write leaves behind: bytes free in the output, bytes of the input not taken. */
  readonly #left: Uint32Array;
  readonly #flush: number;
  #output = Buffer.allocUnsafeSlow(firstOutputBytes);
  #length = 0;
  #fault: string | undefined;

  private constructor(handle: ZlibHandle, left: Uint32Array, flush: number) {
    this.#handle = handle;
    this.#left = left;
    this.#flush = flush;
    handle.onerror = (message) => {
      this.#fault = message;
    };
  }

  /** undefined: this version of Node has other parts. */
  static make(): SharedInflater | undefined {
    const { constants, createInflateRaw } = builtIn.zlib();
    // Of the largest window, which reads what was deflated with any smaller one.
    const { _handle: handle, _writeState: left } = createInflateRaw() as Stream;
    const isKnown = typeof handle?.writeSync === 'function' && typeof handle.reset === 'function';
    if (!isKnown || !(left instanceof Uint32Array) || left.length < 2) return undefined;
    return new SharedInflater(handle as ZlibHandle, left, constants.Z_SYNC_FLUSH);
  }

  /**
   * @param bytes holds a message without its tail, from `start` to before `end`
   * @returns valid until the next call. Errors: InflatedTooLong; an Error that says why it is no deflate data.
   */
  inflate(bytes: Uint8Array, start: number, end: number, mostBytes: number): Buffer {
    this.#handle.reset();
    this.#length = 0;
    this.#fault = undefined;
    if (this.#output.length > mostKeptBytes) this.#output = Buffer.allocUnsafeSlow(firstOutputBytes);
    this.#write(bytes, start, end, mostBytes);
    this.#write(tail, 0, tail.length, mostBytes);
    return this.#output.subarray(0, this.#length);
  }

  #write(bytes: Uint8Array, start: number, end: number, mostBytes: number): void {
    let at = start;
    do {
      if (this.#length === this.#output.length) this.#grow();
      const free = this.#output.length - this.#length;
      this.#handle.writeSync(this.#flush, bytes, at, end - at, this.#output, this.#length, free);
      if (this.#fault !== undefined) throw new Error(this.#fault);
      this.#length += free - this.#left[0]!;
      at = end - this.#left[1]!;
      if (this.#length > mostBytes) throw new InflatedTooLong();
      // An output that is full may not have been all.
    } while (this.#left[0] === 0);
  }

  #grow(): void {
    const grown = Buffer.allocUnsafeSlow(2 * this.#output.length);
    this.#output.copy(grown);
    this.#output = grown;
  }
}
