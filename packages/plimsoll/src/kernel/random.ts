/**
 * Chance that can be repeated: everything random in a run follows from whole numbers (the seed, a VU, a slot …).
 *
 * The generator is sfc32 (Chris Doty-Humphrey, PractRand): three words of state and a counter, period at least 2³², no
 * known failure in PractRand. Only 32-bit integer arithmetic, so that every machine of a fleet draws the same numbers.
 */

/** Finaliser of MurmurHash3: a bijection on 32 bits in which every input bit reaches every output bit. */
function mix32(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Both halves of a whole number up to 2⁵³, folded into `lane`. */
function fold(lane: number, part: number): number {
  return mix32((mix32(lane ^ (part | 0)) + 0x9e3779b9) ^ ((part / 0x1_0000_0000) | 0));
}

/** One whole number from 0 to 2³²−1 out of several; the order matters. */
export function mixSeed(...parts: readonly number[]): number {
  let lane = 0x243f6a88;
  for (const part of parts) lane = fold(lane, part);
  return lane >>> 0;
}

/** A name as a whole number from 0 to 2³²−1 (FNV-1a over UTF-16 units), to be mixed into a seed. */
export function hashText(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return mix32(h) >>> 0;
}

export class Sfc32 {
  private a = 0;
  private b = 0;
  private c = 0;
  private counter = 1;

  /** @param parts whole numbers; another number, or another order, is another sequence */
  constructor(...parts: readonly number[]) {
    this.reseed(...parts);
  }

  /** Starts over as if made anew with `parts`; about 0.1 µs. */
  reseed(...parts: readonly number[]): void {
    let a = 0x243f6a88;
    let b = 0x85a308d3;
    let c = 0x13198a2e;
    for (const part of parts) {
      a = fold(a, part);
      b = fold(b, part);
      c = fold(c, part);
    }
    this.a = a;
    this.b = b;
    this.c = c;
    this.counter = 1;
    for (let round = 0; round < 12; round++) this.nextInt32();
  }

  private nextInt32(): number {
    const result = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + result) | 0;
    return result;
  }

  /** From 0 up to, not including, 1; a multiple of 2⁻⁵³. */
  next(): number {
    const high = this.nextInt32() >>> 5;
    const low = this.nextInt32() >>> 6;
    return (high * 0x400_0000 + low) / 0x20_0000_0000_0000;
  }
}

/** Numbers from 0 up to, not including, 1 that follow from `parts` alone. */
export function seededRandom(...parts: readonly number[]): () => number {
  const generator = new Sfc32(...parts);
  return () => generator.next();
}

/** The `random` of a test function, as `model/suite` describes it. */
export interface SeededRandom {
  number(): number;
  integer(low: number, high: number): number;
  pick<T>(items: readonly T[]): T;
}

/** Errors: RangeError for an empty list or bounds that hold no whole number. */
export function testRandom(...parts: readonly number[]): SeededRandom {
  const generator = new Sfc32(...parts);
  return {
    number: () => generator.next(),
    integer(low, high) {
      const from = Math.ceil(low);
      const span = Math.floor(high) - from + 1;
      if (!(span >= 1)) throw new RangeError(`random.integer(${low}, ${high}): there is no whole number between them`);
      return from + Math.floor(generator.next() * span);
    },
    pick(items) {
      if (items.length === 0) throw new RangeError('random.pick: the list is empty');
      return items[Math.floor(generator.next() * items.length)]!;
    },
  };
}

/**
 * How many events of a Poisson process with this expectation happen.
 *
 * Below 10 by multiplying uniforms until their product is under e^−mean (Knuth), from 10 on by transformed rejection
 * (Hörmann 1993, PTRS): both exact, the second in constant time.
 */
export function poissonCount(random: () => number, mean: number): number {
  if (!(mean > 0)) return 0;
  return mean < 10 ? poissonByProduct(random, mean) : poissonByRejection(random, mean);
}

function poissonByProduct(random: () => number, mean: number): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product >= limit; product *= random()) count++;
  return count;
}

function poissonByRejection(random: () => number, mean: number): number {
  const b = 0.931 + 2.53 * Math.sqrt(mean);
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const squeeze = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const u = random() - 0.5;
    const v = random();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= squeeze) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    const accepted = Math.log(v) + Math.log(inverseAlpha) - Math.log(a / (us * us) + b);
    if (accepted <= k * Math.log(mean) - mean - logFactorial(k)) return k;
  }
}

/** ln k!, by the product below 10 and by Stirling's series above (error under 10⁻¹²). */
function logFactorial(k: number): number {
  if (k < 10) {
    let product = 1;
    for (let factor = 2; factor <= k; factor++) product *= factor;
    return Math.log(product);
  }
  const inverse = 1 / k;
  const square = inverse * inverse;
  const series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)));
  return (k + 0.5) * Math.log(k) - k + 0.5 * Math.log(2 * Math.PI) + series;
}
