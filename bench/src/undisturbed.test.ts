import { expect, test } from 'vitest';
import { disturbanceLines, Undisturbed } from './undisturbed.ts';

/** A machine whose looks are given beforehand: ten to calibrate, then those; the last one stays. A look takes 500 ms. */
function machine(patienceMs: number, ...looks: number[]) {
  const all = [...Array<number>(10).fill(10), ...looks];
  const said: string[] = [];
  let [now, at] = [0, 0];
  const undisturbed = new Undisturbed(
    {
      look: () => {
        now += 500;
        return Promise.resolve(all[Math.min(at++, all.length - 1)]!);
      },
      pause: (ms) => {
        now += ms;
        return Promise.resolve();
      },
      nowMs: () => now,
      say: (line) => said.push(line),
    },
    patienceMs,
  );
  let runs = 0;
  const work = () => {
    now += 10_000;
    return Promise.resolve(++runs);
  };
  return { undisturbed, said, work, seconds: () => now / 1000 };
}

test('a run on a machine as fast as it can be is done once', async () => {
  const { undisturbed, work, said } = machine(60_000, 10, 11.1, 10.5, 11.2);
  await undisturbed.calibrate();
  expect([await undisturbed.run(work), await undisturbed.run(work)]).toEqual([1, 2]);
  expect(undisturbed.told()).toEqual({ bestUs: 10, runs: 2, again: 0, disturbed: 0, waitedSeconds: 0 });
  expect(said).toEqual([]);
});

test('it waits for a machine that is slower, and is done again where it became slower', async () => {
  const { undisturbed, work, said } = machine(60_000, 13, 12, 10, 14, 10, 10);
  await undisturbed.calibrate();
  expect(await undisturbed.run(work)).toBe(2);
  expect(undisturbed.told()).toEqual({ bestUs: 10, runs: 1, again: 1, disturbed: 0, waitedSeconds: 11 });
  expect(said).toEqual([
    'the machine is slower than it can be (1.30×): waiting',
    'the machine was slower before or after it (1.40×): again',
  ]);
});

test('patience ends: what was measured on a slow machine counts, and is said', async () => {
  const { undisturbed, work } = machine(20_000, 13);
  await undisturbed.calibrate();
  await undisturbed.run(work);
  const { disturbed, again, waitedSeconds } = undisturbed.told();
  // Half of it goes into waiting (two looks of 5.5 s), the other into the run that is done once more, without waiting.
  expect([disturbed, again]).toEqual([1, 1]);
  expect(waitedSeconds).toBe(11);
  await undisturbed.run(work);
  expect(undisturbed.told()).toMatchObject({ runs: 2, again: 1, waitedSeconds: 11 });
  expect(disturbanceLines(undisturbed.told())).toMatch(
    /^ {2}2 runs count\. \*\*2 of them\*\*, after 3 repetitions, when/m,
  );
});

test('a run waits for half of the patience that is left, and other runs begin with all of it', async () => {
  const { undisturbed, work } = machine(400_000, 13);
  await undisturbed.calibrate();
  const waits = async () => {
    const before = undisturbed.told();
    await undisturbed.run(work);
    const { waitedSeconds, again } = undisturbed.told();
    return { waited: waitedSeconds - before.waitedSeconds, again: again - before.again };
  };
  // Looks of 5.5 s beyond 200 s.
  expect(await waits()).toEqual({ waited: 203.5, again: 3 });
  // Of 400 s those are gone, and three runs of 10.5 s: half of 165 s.
  expect(await waits()).toEqual({ waited: 82.5, again: 3 });
  undisturbed.begin();
  expect(await waits()).toEqual({ waited: 203.5, again: 3 });
});

test('what repetitions took is not there to be waited for', async () => {
  // Runs of 10.5 s: after two of them 3 s are left of 24 s, and not the half of all.
  const { undisturbed, work } = machine(24_000, 10, 13, 10, 13, 13);
  await undisturbed.calibrate();
  expect(await undisturbed.run(work)).toBe(3);
  expect(undisturbed.told()).toMatchObject({ again: 2, disturbed: 1, waitedSeconds: 5.5 });
});

test('a run that began slow, when it had waited long enough, is done again on a machine that has become fast', async () => {
  const { undisturbed, work } = machine(20_000, 13, 13, 13, 10);
  await undisturbed.calibrate();
  expect(await undisturbed.run(work)).toBe(2);
  expect(undisturbed.told()).toMatchObject({ again: 1, disturbed: 0, waitedSeconds: 11 });
});

test('a machine that turns out to be faster than it was at first says so of what came before', async () => {
  const { undisturbed, work } = machine(60_000, 10, 10, ...Array<number>(8).fill(7));
  await undisturbed.calibrate();
  await undisturbed.run(work);
  expect(undisturbed.told().disturbed).toBe(0);
  for (let run = 0; run < 4; run++) await undisturbed.run(work);
  expect(undisturbed.told()).toMatchObject({ bestUs: 7, runs: 5, disturbed: 1 });
});

test('a machine that stays slow for a quarter of an hour does not become the best there is', async () => {
  const { undisturbed, work } = machine(15 * 60_000, 13);
  await undisturbed.calibrate();
  await undisturbed.run(work);
  expect(undisturbed.told()).toMatchObject({ bestUs: 10, disturbed: 1 });
});

test('a run is done again three times at most', async () => {
  const { undisturbed, work } = machine(60_000, 10, 13, 10, 13, 10, 13, 10, 13);
  await undisturbed.calibrate();
  expect(await undisturbed.run(work)).toBe(4);
  expect(undisturbed.told()).toMatchObject({ again: 3, disturbed: 1 });
});
