import { appendFile, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sampleRun, samplePoint, sampleTest } from '../../test/support/sample-result.ts';
import { exitCodes } from '../kernel/errors.ts';
import type { RunResult } from '../model/result.ts';
import { RunNotFoundError } from './find-run.ts';
import { readRun, RunUnreadableError } from './read-run.ts';
import { createRunFolder } from './run-folder.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'plimsoll-read-'));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

async function store(name: string, second: number, part: Partial<RunResult> = {}): Promise<string> {
  const startedAt = `2026-01-31T09:30:0${second}.000Z`;
  const folder = await createRunFolder(root, name, startedAt);
  await folder.finish(() => sampleRun({ name, startedAt, ...part }));
  return folder.path;
}

/** A folder as a kill would leave it. */
async function bare(files: Readonly<Record<string, string>>): Promise<string> {
  const path = join(root, 'runs/2026-01-31T09-30-09.000Z-bare');
  await mkdir(path, { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content);
  return path;
}

describe('which run', () => {
  beforeEach(async () => {
    await store('dashboard', 1);
    await store('sessions', 2);
    await store('dashboard', 3);
    await store('checkout', 4);
  });

  test.each([
    ['latest', 'checkout', 4],
    ['sessions', 'sessions', 2],
    ['dashboard', 'dashboard', 3],
    ['2026-01-31T09-30-01.000Z-dashboard', 'dashboard', 1],
    ['2026-01-31T09-30-02', 'sessions', 2],
    ['dash', 'dashboard', 3],
    ['2026-01-31', 'checkout', 4],
  ])('%s is %s of second %i', async (wanted, name, second) => {
    const { result } = await readRun(root, wanted);
    expect([result.name, result.startedAt]).toEqual([name, `2026-01-31T09:30:0${second}.000Z`]);
  });

  test('the newest of several is said to be that', async () => {
    expect((await readRun(root, 'dashboard')).notes).toEqual(["2 runs fit 'dashboard': this is the newest"]);
  });

  test('a path to the folder or to the file is good from anywhere', async () => {
    const path = await store('elsewhere', 5);
    expect((await readRun('nowhere', path)).result.name).toBe('elsewhere');
    expect((await readRun('nowhere', join(path, 'result.json'))).path).toBe(path);
  });

  test('the latest is the one that started last, also when the marker is lost or out of date', async () => {
    await writeFile(join(root, 'runs/latest'), 'gone\n');
    expect((await readRun(root)).result.name).toBe('checkout');
    await rm(join(root, 'runs/latest'));
    expect((await readRun(root)).result.name).toBe('checkout');
  });

  test('another name is told which there are', async () => {
    await expect(readRun(root, 'checkouts')).rejects.toMatchObject({
      constructor: RunNotFoundError,
      exitCode: exitCodes.usage,
      message: "no stored run is called 'checkouts'",
      hint: expect.stringMatching(/^the last ones are \S*checkout, \S*dashboard/) as string,
    });
  });
});

test('where nothing is stored yet it says how to store something', async () => {
  await expect(readRun(join(root, 'none'))).rejects.toMatchObject({
    constructor: RunNotFoundError,
    hint: expect.stringContaining('plimsoll run') as string,
  });
});

describe('a run that was cut off', () => {
  const partial = JSON.stringify(sampleRun({ verdict: 'partial', endedAt: null }));

  test('is read, and said to be partial', async () => {
    await bare({ 'result.json': partial, 'timeline.ndjson': '{"test":"a","second":0}\n{"test":"a","sec' });
    const { result, notes } = await readRun(root);
    expect(result.verdict).toBe('partial');
    expect(notes).toEqual(['the run is still going on, or was cut off: these are its figures so far']);
  });

  test('with a timeline that goes further is said to be incomplete', async () => {
    const timeline = [samplePoint({ second: 0 }), samplePoint({ second: 1 })];
    const run = sampleRun({ verdict: 'partial', tests: [sampleTest({ name: 'a', timeline })] });
    const path = await bare({ 'result.json': JSON.stringify(run) });
    await utimes(join(path, 'result.json'), 1000, 1000);
    for (let second = 0; second < 9; second++) {
      await appendFile(join(path, 'timeline.ndjson'), `{"test":"a","second":${second}}\n`);
    }
    expect((await readRun(root)).notes[1]).toContain('timeline.ndjson goes further');
  });

  test('before its first result says how much there is', async () => {
    await bare({ 'timeline.ndjson': '{"test":"a","second":0}\n{"test":"a","second":1}\n' });
    await expect(readRun(root)).rejects.toMatchObject({
      constructor: RunUnreadableError,
      message: expect.stringContaining('holds no result.json') as string,
      hint: 'its timeline.ndjson holds 2 s of raw figures',
    });
  });
});

test.each([
  ['{"schema":', 'is not JSON'],
  ['null', 'is not a result of plimsoll'],
  ['{"schema":2,"tool":"plimsoll 9.0.0"}', 'has version 2 of the format, written by plimsoll 9.0.0'],
  ['{"schema":1}', 'is not a result of plimsoll: tool: '],
])('a result.json of %s is refused in a sentence', async (content, message) => {
  await bare({ 'result.json': content });
  await expect(readRun(root)).rejects.toMatchObject({
    constructor: RunUnreadableError,
    exitCode: exitCodes.usage,
    message: expect.stringContaining(message) as string,
  });
});
