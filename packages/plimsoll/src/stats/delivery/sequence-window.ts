/**
 * One stream of numbered events as one subscriber gets it. An event is reordered when a later one came before it (RFC 4737,
 * section 3: its number is below the next expected one). A window of 64 numbers tells a duplicate from a late first arrival.
 */

export type Arrival = 'new' | 'reordered' | 'duplicate';

const windowBits = 64;

export class SequenceWindow {
  #next = 0;
  #isBegun = false;
  /** Bit i: number `next − 1 − i` has been seen; two words, because JavaScript's bit operations know 32 bits. */
  #low = 0;
  #high = 0;

  /** The first number seen is where the stream begins: what was before it, nobody has asked for. Beyond the window a number counts as reordered. */
  accept(sequence: number): Arrival {
    if (!this.#isBegun) {
      this.#isBegun = true;
      this.#next = sequence + 1;
      this.#low = 1;
      return 'new';
    }
    if (sequence >= this.#next) {
      this.#shift(sequence - this.#next + 1);
      this.#next = sequence + 1;
      this.#low |= 1;
      return 'new';
    }
    const back = this.#next - 1 - sequence;
    if (back >= windowBits) return 'reordered';
    const bit = 1 << (back & 31);
    if (((back < 32 ? this.#low : this.#high) & bit) !== 0) return 'duplicate';
    if (back < 32) this.#low |= bit;
    else this.#high |= bit;
    return 'reordered';
  }

  #shift(by: number): void {
    if (by >= windowBits) {
      this.#low = 0;
      this.#high = 0;
    } else if (by >= 32) {
      this.#high = this.#low << (by - 32);
      this.#low = 0;
    } else if (by > 0) {
      this.#high = (this.#high << by) | (this.#low >>> (32 - by));
      this.#low <<= by;
    }
  }
}
