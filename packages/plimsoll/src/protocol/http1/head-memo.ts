/**
 * Recognises an answer whose head is byte for byte the last one's. Most heads of one endpoint differ only when their
 * Date does, once a second, and comparing words costs 40 ns where parsing costs 500. Strictness is not lost: the
 * remembered bytes went through the parser.
 */
import type { ResponseHead } from './response-head.ts';

/** The read buffer of a thread, with its bytes also seen as words; every read starts at offset 0. */
export interface ReadBuffer {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  /** For texts, which a Buffer decodes best; its own `slice` would be a view. */
  readonly asBuffer: Buffer;
}

export function createReadBuffer(byteLength = 65_536): ReadBuffer {
  const buffer = new ArrayBuffer(byteLength);
  return { bytes: new Uint8Array(buffer), words: new Int32Array(buffer), asBuffer: Buffer.from(buffer) };
}

export class HeadMemo {
  head: ResponseHead | undefined;
  headBytes = 0;
  /** Head and body together, or −1 where the memo must not be used. */
  totalBytes = -1;
  #words: Int32Array = new Int32Array(0);
  #bytes: Uint8Array = new Uint8Array(0);
  /** Heads learnt since the last one recognised. */
  #missed = 0;

  /** Remembers a head whose body length is known before it arrives. */
  learn(head: ResponseHead, bodyBytes: number): void {
    // Heads that differ each time are not worth a copy each time.
    if (++this.#missed > 16 && this.#missed % 64 !== 0) return;
    const length = head.bytes.length;
    const padded = new ArrayBuffer((length + 3) & ~3);
    this.#bytes = new Uint8Array(padded);
    this.#bytes.set(head.bytes);
    this.#words = new Int32Array(padded, 0, length >> 2);
    this.head = head;
    this.headBytes = length;
    this.totalBytes = length + bodyBytes;
  }

  /** Whether the buffer starts with the remembered head. */
  matches(buffer: ReadBuffer): boolean {
    const mine = this.#words;
    const theirs = buffer.words;
    const count = mine.length;
    for (let i = 0; i < count; i++) if (mine[i] !== theirs[i]) return false;
    for (let i = count << 2; i < this.headBytes; i++) if (this.#bytes[i] !== buffer.bytes[i]) return false;
    this.#missed = 0;
    return true;
  }
}
