/**
 * Bodies outlive the read buffer, so each is copied once on arrival. Small ones are packed into shared chunks: the
 * copy costs 0.1 µs and no object of its own. A chunk lives as long as any answer that lies in it.
 */
const chunkBytes = 65_536;
const largeBytes = 8192;

export class BodyArena {
  #chunk = new Uint8Array(chunkBytes);
  #used = 0;
  /** Where the last copy lies: `bytes` from `start`. */
  bytes = this.#chunk;
  start = 0;

  copy(source: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (length > largeBytes) {
      this.bytes = source.slice(start, end);
      this.start = 0;
      return;
    }
    if (this.#used + length > chunkBytes) {
      this.#chunk = new Uint8Array(chunkBytes);
      this.#used = 0;
    }
    const target = this.#chunk;
    const at = this.#used;
    // Below some 64 bytes a loop beats the call.
    if (length <= 64) for (let i = 0; i < length; i++) target[at + i] = source[start + i]!;
    else target.set(source.subarray(start, end), at);
    this.#used = at + length;
    this.bytes = target;
    this.start = at;
  }
}
