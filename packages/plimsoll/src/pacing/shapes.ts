/**
 * The rate of an arrival plan over time, its integral, and the integral's inverse.
 *
 * A plan is a chain of straight lines. In a segment that starts at time s with rate a (per ms) and slope b (per ms²),
 * with C arrivals expected before it and x = t − s:
 *
 *     λ(t) = a + b·x        Λ(t) = C + a·x + b·x²/2
 *
 * and Λ(t) = C + n is solved by the positive root, written so that b → 0 does not divide by zero:
 *
 *     x = 2n / (a + √(a² + 2bn))
 */
import type { ArrivalRate } from '../model/load-model.ts';

interface Segment {
  readonly startMs: number;
  readonly endMs: number;
  /** a: arrivals per ms at the start. */
  readonly ratePerMs: number;
  /** b: change of the rate per ms. */
  readonly slope: number;
  /** C: arrivals expected before the segment. */
  readonly before: number;
}

export interface RateShape {
  readonly segments: readonly Segment[];
  readonly durationMs: number;
  /** Λ at the end. */
  readonly expected: number;
}

/** Two counts nearer than this are the same: rounding of a sum of stages must not make an arrival. */
const countTolerance = 1e-9;

/** A stage without length is a jump: it sets the rate and takes no time. */
export function rateShape(load: Pick<ArrivalRate, 'startRate' | 'stages'>): RateShape {
  const segments: Segment[] = [];
  let startMs = 0;
  let ratePerMs = load.startRate / 1000;
  let before = 0;
  for (const { durationMs, target } of load.stages) {
    const targetPerMs = target / 1000;
    if (durationMs > 0) {
      const endMs = startMs + durationMs;
      segments.push({ startMs, endMs, ratePerMs, slope: (targetPerMs - ratePerMs) / durationMs, before });
      before += ((ratePerMs + targetPerMs) / 2) * durationMs;
      startMs = endMs;
    }
    ratePerMs = targetPerMs;
  }
  return { segments, durationMs: startMs, expected: before };
}

/** λ(t): arrivals per second at `tMs`; at a jump the later one; 0 outside of the plan. */
export function ratePerSecondAt(shape: RateShape, tMs: number): number {
  if (tMs < 0 || tMs >= shape.durationMs) return 0;
  const segment = segmentAt(shape, tMs);
  return 1000 * (segment.ratePerMs + segment.slope * (tMs - segment.startMs));
}

/** Λ(t): arrivals expected from 0 to `tMs`. */
export function expectedBy(shape: RateShape, tMs: number): number {
  if (tMs <= 0 || shape.segments.length === 0) return 0;
  if (tMs >= shape.durationMs) return shape.expected;
  const segment = segmentAt(shape, tMs);
  const x = tMs - segment.startMs;
  return segment.before + (segment.ratePerMs + (segment.slope * x) / 2) * x;
}

/**
 * Λ⁻¹: the time from which more than `count` arrivals are expected, so that a stretch of rate 0 is skipped.
 *
 * @returns ms from the start, or Infinity where the plan ends first
 */
export function timeOfCount(shape: RateShape, count: number): number {
  const { segments } = shape;
  const tolerance = countTolerance * Math.max(1, shape.expected * 1e-3);
  if (count >= shape.expected - tolerance) return Infinity;
  // The last segment that begins with no more than `count`: of several without arrivals, the one after them.
  let low = 0;
  let high = segments.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (segments[middle]!.before <= count + tolerance) low = middle;
    else high = middle - 1;
  }
  return timeInSegment(segments[low]!, count);
}

function timeInSegment(segment: Segment, count: number): number {
  const n = count - segment.before;
  if (n <= 0) return segment.startMs;
  const { ratePerMs: a, slope: b } = segment;
  // Under 0 only by rounding, at the end of a ramp down to rate 0.
  const root = Math.sqrt(Math.max(0, a * a + 2 * b * n));
  // 0 only where n is too small for its square root: n / 0 would be the end instead of the start.
  const divisor = a + root;
  return divisor === 0 ? segment.startMs : Math.min(segment.endMs, segment.startMs + (2 * n) / divisor);
}

/** The segment that holds `tMs`, which lies within the plan. */
function segmentAt(shape: RateShape, tMs: number): Segment {
  const { segments } = shape;
  let low = 0;
  let high = segments.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (segments[middle]!.startMs <= tMs) low = middle;
    else high = middle - 1;
  }
  return segments[low]!;
}
