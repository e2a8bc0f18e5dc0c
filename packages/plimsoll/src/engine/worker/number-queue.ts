/** A first-in first-out queue of tuples of numbers, without an object for each. */
export class NumberQueue {
  readonly #width: number;
  #numbers: number[] = [];
  #head = 0;
  /** What the last `shift` took. */
  readonly taken: Float64Array;

  constructor(width: number) {
    this.#width = width;
    this.taken = new Float64Array(width);
  }

  get length(): number {
    return (this.#numbers.length - this.#head) / this.#width;
  }

  push(...tuple: readonly number[]): void {
    for (let i = 0; i < this.#width; i++) this.#numbers.push(tuple[i]!);
  }

  /** Errors: RangeError when empty. */
  shift(): void {
    if (this.#head >= this.#numbers.length) throw new RangeError('the queue is empty');
    for (let i = 0; i < this.#width; i++) this.taken[i] = this.#numbers[this.#head + i]!;
    this.#head += this.#width;
    // Forgets what was taken once it is the larger part.
    if (this.#head > 3000 && this.#head * 2 > this.#numbers.length) {
      this.#numbers = this.#numbers.slice(this.#head);
      this.#head = 0;
    }
  }

  clear(): void {
    this.#numbers = [];
    this.#head = 0;
  }
}
