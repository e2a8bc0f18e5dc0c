/**
 * How many VUs are active when, as k6 counts: VU v runs while more than v VUs are planned.
 *
 * A stage of length d from m to n VUs has |n − m| changes by one, the i-th at i·d/|n − m| after its start. So the last one
 * is at its end, and between changes the straight line is rounded towards m: down on the way up, up on the way down.
 * A stage without length is a jump. When the load ends, no VU is planned any more.
 */
import type { ConstantVus, RampingVus } from '../model/load-model.ts';

export type VuLoad = RampingVus | ConstantVus;

/** Active from `startMs`, included, to `endMs`, excluded. */
export interface VuInterval {
  readonly startMs: number;
  readonly endMs: number;
}

interface Line {
  readonly startMs: number;
  readonly endMs: number;
  readonly from: number;
  readonly to: number;
}

/** VUs planned at `tMs` from the start; at a change the number after it. */
export function vusAt(load: VuLoad, tMs: number): number {
  const line = linesOf(load).find(({ startMs, endMs }) => startMs <= tMs && tMs < endMs);
  return line === undefined ? 0 : countAfter(line, changesBy(line, tMs));
}

/** When the number of VUs changes next, strictly after `tMs`; Infinity when it does no more. */
export function nextVuChangeMs(load: VuLoad, tMs: number): number {
  let count = vusAt(load, tMs);
  let endMs = 0;
  for (const line of linesOf(load)) {
    endMs = line.endMs;
    if (endMs <= tMs) continue;
    if (line.startMs > tMs && line.from !== count) return line.startMs;
    const next = line.startMs > tMs ? 1 : changesBy(line, tMs) + 1;
    if (next < steps(line)) return changeMs(line, next);
    count = countAfter(line, Math.max(0, steps(line) - 1));
  }
  return count > 0 && endMs > tMs ? endMs : Infinity;
}

/** When VU v, from 0, is to be active; ascending, apart from each other. */
export function vuIntervals(load: VuLoad, v: number): VuInterval[] {
  const intervals: { startMs: number; endMs: number }[] = [];
  for (const line of linesOf(load)) {
    const active = intervalIn(line, v);
    const last = intervals.at(-1);
    if (active === undefined) continue;
    if (last?.endMs === active.startMs) last.endMs = active.endMs;
    else intervals.push({ ...active });
  }
  return intervals;
}

function intervalIn(line: Line, v: number): VuInterval | undefined {
  const { startMs, endMs, from, to } = line;
  if (from > v && to > v) return { startMs, endMs };
  if (from <= v && to <= v) return undefined;
  const turnMs = from <= v ? changeMs(line, v + 1 - from) : changeMs(line, from - v);
  const interval = from <= v ? { startMs: turnMs, endMs } : { startMs, endMs: turnMs };
  return interval.startMs < interval.endMs ? interval : undefined;
}

function linesOf(load: VuLoad): Line[] {
  if (load.kind === 'constant-vus') return [{ startMs: 0, endMs: load.durationMs, from: load.vus, to: load.vus }];
  const lines: Line[] = [];
  let startMs = 0;
  let from = load.startVus;
  for (const { durationMs, target } of load.stages) {
    if (durationMs > 0) lines.push({ startMs, endMs: startMs + durationMs, from, to: target });
    startMs += durationMs;
    from = target;
  }
  return lines;
}

function steps(line: Line): number {
  return Math.abs(line.to - line.from);
}

/** When the i-th change happens, i from 1 to `steps`; the last one at the line's end exactly. */
function changeMs(line: Line, i: number): number {
  return i === steps(line) ? line.endMs : line.startMs + ((line.endMs - line.startMs) * i) / steps(line);
}

/** How many changes have happened by `tMs`, which lies within the line. */
function changesBy(line: Line, tMs: number): number {
  const all = steps(line);
  let i = Math.floor((all * (tMs - line.startMs)) / (line.endMs - line.startMs));
  // The division may be off by a rounding error; the times of the changes decide.
  while (i < all && changeMs(line, i + 1) <= tMs) i++;
  while (i > 0 && changeMs(line, i) > tMs) i--;
  return i;
}

function countAfter(line: Line, changes: number): number {
  return line.from + Math.sign(line.to - line.from) * changes;
}
