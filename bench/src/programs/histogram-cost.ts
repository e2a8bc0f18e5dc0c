/**
 * What recording and merging cost, in a process of its own. Prints JSON:
 * recordNs — one `record`, loop included, over latencies spread like real ones; median of 21 batches of a million.
 * mergeMs — adding one second of 20 latency histograms in which every cell is filled: the worst there can be.
 * takeMs — what the worker pays for those 20 before: taking the second's delta.
 * usualMergeMs — the same as mergeMs for 20 histograms of 1,000 values each.
 */
import { Histogram, highestOfCell, histogramCells } from '../../../packages/plimsoll/src/stats/histogram.ts';
import { median } from '../statistics.ts';

const histogramCount = 20;
const batches = 21;

/** About log-normal around 2 ms, from a fixed generator: the same in every run. */
function latenciesUs(count: number): Float64Array {
  let state = 12345;
  const uniform = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  return Float64Array.from({ length: count }, () => {
    const normal = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    return 2000 * Math.exp(normal);
  });
}

function recordNs(): number {
  const values = latenciesUs(1 << 16);
  const histogram = new Histogram();
  const million = 1 << 20;
  const perRecord = Array.from({ length: batches }, () => {
    const began = performance.now();
    for (let i = 0; i < million; i++) histogram.record(values[i & 0xffff]!);
    return ((performance.now() - began) * 1e6) / million;
  });
  if (histogram.count !== batches * million) throw new Error('records are missing');
  return median(perRecord);
}

function cost(fill: (histogram: Histogram) => void): { takeMs: number; mergeMs: number } {
  const seconds = Array.from({ length: histogramCount }, () => new Histogram());
  const totals = Array.from({ length: histogramCount }, () => new Histogram());
  const taken: number[] = [];
  const merged: number[] = [];
  for (let batch = 0; batch < batches; batch++) {
    for (const histogram of seconds) fill(histogram);
    const began = performance.now();
    const deltas = seconds.map((histogram) => histogram.takeDelta());
    const between = performance.now();
    for (const [index, delta] of deltas.entries()) totals[index]!.add(delta);
    taken.push(between - began);
    merged.push(performance.now() - between);
  }
  return { takeMs: median(taken), mergeMs: median(merged) };
}

const everyCell = (histogram: Histogram): void => {
  for (let cell = 0; cell < histogramCells; cell++) histogram.record(highestOfCell(cell));
};
const usual = latenciesUs(1000);
const usualSecond = (histogram: Histogram): void => {
  for (const value of usual) histogram.record(value);
};

const { takeMs, mergeMs } = cost(everyCell);
process.stdout.write(
  `${JSON.stringify({ recordNs: recordNs(), mergeMs, takeMs, usualMergeMs: cost(usualSecond).mergeMs })}\n`,
);
