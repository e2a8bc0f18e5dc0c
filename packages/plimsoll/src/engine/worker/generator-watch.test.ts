/** What the generator says of itself, against what it was made to do. Real time: it is the event loop that is measured. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../kernel/clock.ts';
import { GeneratorWatch } from './generator-watch.ts';
import { Scheduler } from './scheduler.ts';

const clock = systemClock;

function watched(spin: boolean): { readonly watch: GeneratorWatch; readonly scheduler: Scheduler } {
  const scheduler = new Scheduler(clock, spin);
  const watch = new GeneratorWatch(scheduler);
  onTestFinished(() => {
    watch.close();
    scheduler.close();
  });
  return { watch, scheduler };
}

function compute(ms: number): void {
  for (const endMs = clock.now() + ms; clock.now() < endMs;);
}

test('one that computes for nine tenths of its time is as busy as that', async () => {
  const { watch } = watched(false);
  await new Promise((resolve) => setTimeout(resolve, 1));
  watch.reset();
  const startMs = clock.now();
  compute(270);
  const computedMs = clock.now() - startMs;
  await new Promise((resolve) => setTimeout(resolve, 30));
  const spanMs = clock.now() - startMs;
  const { busyShare, cpuUs } = watch.take(spanMs);
  expect(Math.abs(busyShare - computedMs / spanMs)).toBeLessThan(0.05);
  expect(cpuUs).toBeGreaterThan(0);
});

test('one that spins before each deadline, and has nothing else to do, is not busy', async () => {
  const { watch, scheduler } = watched(true);
  watch.reset();
  const startMs = clock.now();
  for (let n = 0; n < 100; n++) {
    await new Promise<void>((resolve) => void scheduler.at(clock.now() + 2, resolve));
  }
  const spanMs = clock.now() - startMs;
  const spunShare = scheduler.spunMs / spanMs;
  const { busyShare } = watch.take(spanMs);
  // Each deadline was so near that it was spun for from the first.
  expect(spunShare).toBeGreaterThan(0.5);
  expect(busyShare).toBeLessThan(0.5);
});

test('a garbage collection is a pause', async () => {
  const { watch } = watched(false);
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  watch.reset();
  collect();
  // The observer is told in a later turn.
  let pauseUs = 0;
  await expect
    .poll(() => (pauseUs = Math.max(pauseUs, watch.take(1).gcMaxPauseUs)), { interval: 5 })
    .toBeGreaterThan(0);
});
