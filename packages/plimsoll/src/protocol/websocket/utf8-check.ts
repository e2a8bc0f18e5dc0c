/**
 * UTF-8 in pieces (RFC 3629): whether what has come so far can still become text. For messages in fragments, where a
 * character may be cut; whole messages are checked at once by Node.
 */

/** Continuation bytes still owed, and the bounds of the next one (narrower after E0, ED, F0 and F4). */
export class Utf8Check {
  #owed = 0;
  #low = 0x80;
  #high = 0xbf;

  /** false: it is not UTF-8, whatever follows. */
  push(bytes: Uint8Array, start: number, end: number): boolean {
    for (let at = start; at < end; at++) {
      const byte = bytes[at]!;
      if (this.#owed > 0) {
        if (byte < this.#low || byte > this.#high) return false;
        this.#owed--;
        this.#low = 0x80;
        this.#high = 0xbf;
      } else if (byte >= 0x80 && !this.#lead(byte)) {
        return false;
      }
    }
    return true;
  }

  #lead(byte: number): boolean {
    if (byte < 0xc2 || byte > 0xf4) return false;
    this.#owed = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    // Overlong forms, surrogates, and what lies beyond U+10FFFF.
    if (byte === 0xe0) this.#low = 0xa0;
    else if (byte === 0xed) this.#high = 0x9f;
    else if (byte === 0xf0) this.#low = 0x90;
    else if (byte === 0xf4) this.#high = 0x8f;
    return true;
  }

  /** No character is left in the middle. */
  get isWhole(): boolean {
    return this.#owed === 0;
  }
}
