import { fork } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sampleRun, sampleTest } from '../../test/support/sample-result.ts';
import type { RunResult } from '../model/result.ts';
import { snapshotFromJson, type SnapshotJson } from '../stats/snapshot-json.ts';
import type { HistogramDelta, Snapshot } from '../stats/snapshot.ts';
import { createRunFolder } from './run-folder.ts';

const startedAt = '2026-01-31T09:30:00.000Z';
const empty: HistogramDelta = { count: 0, sumUs: 0, minUs: 0, maxUs: 0, clamped: 0, cells: new Uint32Array() };
const snapshot: Snapshot = {
  test: 0,
  worker: 0,
  second: 3,
  spanMs: 1000,
  last: false,
  series: [],
  scenarios: [],
  checks: [],
  metrics: [],
  exceptions: [],
  slowest: [],
  sample: [],
  lag: { ...empty, count: 2, sumUs: 20, minUs: 10, maxUs: 10, cells: Uint32Array.of(10, 2) },
  wait: empty,
  connect: empty,
  dns: empty,
  tls: empty,
  generator: {
    busyShare: 0,
    cpuUs: 0,
    gcMaxPauseUs: 0,
    heapBytes: 0,
    rssBytes: 0,
    openConnections: 0,
    connectionsOpened: 0,
    inFlightAreaUs: 0,
    latencySumUs: 0,
    inFlight: 0,
  },
};

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'plimsoll-store-'));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

async function stored(folder: string): Promise<RunResult> {
  return JSON.parse(await readFile(join(folder, 'result.json'), 'utf8')) as RunResult;
}

async function lines(path: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(path, 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('the folder', () => {
  test('its name sorts by time and is safe, whatever the run is called', async () => {
    const folder = await createRunFolder(root, '../Größe: a/b 🚀..', startedAt);
    expect(await readdir(join(root, 'runs'))).toContain('2026-01-31T09-30-00.000Z-Gro-e-a-b');
    expect(folder.path).toBe(join(root, 'runs', '2026-01-31T09-30-00.000Z-Gro-e-a-b'));
  });

  test('runs that start in the same instant do not share one', async () => {
    const made = await Promise.all(Array.from({ length: 12 }, () => createRunFolder(root, '', startedAt)));
    expect(new Set(made.map((folder) => folder.path)).size).toBe(12);
  });

  test('the marker names the run that started last', async () => {
    await createRunFolder(root, 'one', startedAt);
    await createRunFolder(root, 'two', '2026-01-31T09:30:01.000Z');
    expect(await readFile(join(root, 'runs/latest'), 'utf8')).toBe('2026-01-31T09-30-01.000Z-two\n');
  });

  test('stored runs stay out of version control', async () => {
    await createRunFolder(root, 'one', startedAt);
    expect(await readFile(join(root, 'runs/.gitignore'), 'utf8')).toBe('*\n');
  });
});

describe('while the run goes on', () => {
  test('the result on disk is partial, even when it is handed over as passed', async () => {
    const folder = await createRunFolder(root, 'one', startedAt);
    folder.replaceResult(sampleRun({ name: 'first' }));
    folder.replaceResult(sampleRun({ name: 'second' }));
    await expect.poll(async () => (await stored(folder.path).catch(() => undefined))?.name).toBe('second');
    expect(await stored(folder.path)).toMatchObject({ verdict: 'partial', endedAt: null });
  });

  test('a password in a URL never reaches the disk, neither on the way nor at the end', async () => {
    const folder = await createRunFolder(root, 'one', startedAt);
    const url = 'http://u:pass@h';
    const run = sampleRun({ command: `plimsoll quick ${url}/`, target: url, problems: [`cannot reach ${url}`] });
    folder.replaceResult(run);
    folder.appendLog({ atMs: 0, level: 'warn', source: 'tool', text: `cannot reach ${url}` });
    await expect.poll(() => stored(folder.path).catch(() => undefined)).toBeDefined();
    expect(JSON.stringify(await stored(folder.path))).not.toContain('pass@');
    const final = await folder.finish(() => run);
    expect(final.problems).toEqual(['cannot reach http://***@h']);
    for (const file of await readdir(folder.path)) {
      expect(await readFile(join(folder.path, file), 'utf8')).not.toContain('pass@');
    }
  });

  test('seconds and log lines come back as they were given', async () => {
    const folder = await createRunFolder(root, 'one', startedAt);
    folder.appendSecond({ test: 'a', group: 'g', second: 3, snapshots: [snapshot] });
    folder.appendLog({ atMs: 0, level: 'warn', source: 'test', text: 'two\nlines', test: 'a', vu: 7 });
    await folder.finish(() => sampleRun());
    const [second] = await lines(join(folder.path, 'timeline.ndjson'));
    expect(second).toMatchObject({ test: 'a', group: 'g', second: 3 });
    expect(snapshotFromJson((second?.['snapshots'] as SnapshotJson[])[0]!)).toEqual(snapshot);
    expect(await lines(join(folder.path, 'log.ndjson'))).toEqual([
      { at: '1970-01-01T00:00:00.000Z', level: 'warn', source: 'test', text: 'two\nlines', test: 'a', vu: 7 },
    ]);
  });

  test('a flood of log lines is bounded, and said', async () => {
    const told: string[] = [];
    const folder = await createRunFolder(root, 'one', startedAt, {
      maxPendingBytes: 1000,
      onProblem: (p) => told.push(p),
    });
    for (let i = 0; i < 50; i++) folder.appendLog({ atMs: 0, level: 'log', source: 'test', text: 'x'.repeat(100) });
    const final = await folder.finish(() => sampleRun());
    const kept = (await lines(join(folder.path, 'log.ndjson'))).length;
    expect(kept).toBeLessThan(10);
    expect(told).toEqual([`${50 - kept} lines of the log could not be stored`]);
    expect(final.problems).toEqual(told);
  });
});

describe('at the end', () => {
  test('reports see the final result, and the last file written is the result', async () => {
    const folder = await createRunFolder(root, 'one', startedAt);
    const final = await folder.finish(
      () => sampleRun(),
      (result) => ({ 'summary.md': `verdict: ${result.verdict}` }),
    );
    expect(await readFile(join(folder.path, 'summary.md'), 'utf8')).toBe('verdict: passed');
    expect(await stored(folder.path)).toEqual(final);
    expect(final).toEqual(sampleRun());
  });

  test('no temporary file is left', async () => {
    const folder = await createRunFolder(root, 'one', startedAt);
    folder.replaceResult(sampleRun());
    await folder.finish(
      () => sampleRun(),
      () => ({ 'junit.xml': '<a/>' }),
    );
    expect((await readdir(folder.path)).sort()).toEqual(['junit.xml', 'result.json']);
  });
});

describe('bad luck', () => {
  test('a store that cannot be made stops nothing and is told once', async () => {
    await writeFile(join(root, 'file'), '');
    const told: string[] = [];
    const folder = await createRunFolder(join(root, 'file'), 'one', startedAt, { onProblem: (p) => told.push(p) });
    folder.replaceResult(sampleRun());
    folder.appendLog({ atMs: 0, level: 'log', source: 'tool', text: 'x' });
    const final = await folder.finish(
      () => sampleRun(),
      () => ({ 'junit.xml': '<a/>' }),
    );
    expect(told[0]).toContain('a part of the path is a file, not a folder');
    expect(told.filter((problem) => problem.includes('cannot be written'))).toHaveLength(1);
    expect(final.problems).toEqual(told);
  });

  test('when replacing fails, the version before stays whole', async () => {
    const told: string[] = [];
    const folder = await createRunFolder(root, 'one', startedAt, { onProblem: (p) => told.push(p) });
    folder.replaceResult(sampleRun({ name: 'before' }));
    await expect.poll(() => stored(folder.path).catch(() => undefined)).toBeDefined();
    await mkdir(join(folder.path, 'result.json.tmp/in the way'), { recursive: true });
    const final = await folder.finish((isWhole) => sampleRun({ verdict: isWhole ? 'passed' : 'broken' }));
    expect((await stored(folder.path)).name).toBe('before');
    expect(final).toMatchObject({ verdict: 'broken', problems: told });
    expect(told).toHaveLength(1);
  });

  test('what could not be written for a while is told, and nothing of it is lost', async () => {
    const told: string[] = [];
    const folder = await createRunFolder(root, 'one', startedAt, { onProblem: (p) => told.push(p) });
    const inTheWay = ['result.json.tmp', 'log.ndjson'].map((name) => join(folder.path, name));
    for (const path of inTheWay) await mkdir(path);
    folder.replaceResult(sampleRun());
    for (const text of ['a', 'b']) folder.appendLog({ atMs: 0, level: 'log', source: 'test', text });
    await expect.poll(() => told).toEqual([expect.stringContaining('results cannot be written')]);
    for (const path of inTheWay) await rm(path, { recursive: true });
    const final = await folder.finish((isWhole) => sampleRun({ verdict: isWhole ? 'passed' : 'broken' }));
    expect(final).toMatchObject({ verdict: 'passed', problems: told });
    expect(await stored(folder.path)).toEqual(final);
    expect((await lines(join(folder.path, 'log.ndjson'))).map(({ text }) => text)).toEqual(['a', 'b']);
  });

  test('what is in the way until all else is closed is waited for', async () => {
    const folder = await createRunFolder(root, 'one', startedAt);
    const inTheWay = ['result.json.tmp', 'junit.xml.tmp', 'log.ndjson'].map((name) => join(folder.path, name));
    for (const path of inTheWay) await mkdir(path);
    folder.appendLog({ atMs: 0, level: 'log', source: 'tool', text: 'a' });
    let free: () => void = () => undefined;
    const freed = new Promise<void>((resolve) => (free = resolve));
    const verdictOf = (isWhole: boolean): RunResult => sampleRun({ verdict: isWhole ? 'passed' : 'broken' });
    const finished = folder.finish(verdictOf, () => ({ 'junit.xml': '<a/>' }), freed);
    for (const path of inTheWay) await rm(path, { recursive: true });
    free();
    expect((await finished).verdict).toBe('passed');
    expect((await readdir(folder.path)).sort()).toEqual(['junit.xml', 'log.ndjson', 'result.json']);
  });

  test.each(['log.ndjson', 'junit.xml'])('a %s that cannot be written at the end either is a loss', async (name) => {
    const folder = await createRunFolder(root, 'one', startedAt);
    await mkdir(join(folder.path, name, 'in the way'), { recursive: true });
    folder.appendLog({ atMs: 0, level: 'log', source: 'tool', text: 'x' });
    const verdictOf = (isWhole: boolean): RunResult => sampleRun({ verdict: isWhole ? 'passed' : 'broken' });
    const final = await folder.finish(verdictOf, () => ({ 'junit.xml': '<a/>' }));
    expect(final.verdict).toBe('broken');
    expect(await stored(folder.path)).toEqual(final);
  });

  test('a folder without permission is said in plain words', async () => {
    const told: string[] = [];
    await chmod(root, 0o500);
    // Root may write anywhere, so root becomes nobody for as long as it takes.
    const isRoot = process.getuid?.() === 0;
    if (isRoot) process.seteuid?.(65_534);
    await createRunFolder(root, 'one', startedAt, { onProblem: (p) => told.push(p) });
    if (isRoot) process.seteuid?.(0);
    await chmod(root, 0o700);
    expect(told[0]).toContain('permission denied');
  });

  // /dev/full answers every write with ENOSPC: the disk that is full, without filling one.
  test.runIf(process.platform === 'linux')('a full disk is said once and the run goes on', async () => {
    const { AppendFile } = await import('./append-file.ts');
    const errors: unknown[] = [];
    const file = new AppendFile('/dev/full', { onError: (error) => errors.push(error) });
    file.append('a');
    file.append('b');
    await file.close();
    expect(errors.map((error) => (error as NodeJS.ErrnoException).code)).toEqual(['ENOSPC']);
    expect(file.droppedLines).toBe(2);
  });

  test('kill -9 at any moment leaves a whole partial result', async () => {
    const { build } = await import('esbuild');
    const program = join(root, 'writer.mjs');
    await build({
      stdin: { contents: writer, resolveDir: import.meta.dirname, loader: 'ts' },
      outfile: program,
      bundle: true,
      format: 'esm',
      platform: 'node',
    });
    const big = sampleRun({ tests: Array.from({ length: 200 }, () => sampleTest()) });
    for (let attempt = 0; attempt < 4; attempt++) {
      const child = fork(program, { cwd: root });
      const ended = new Promise((resolve) => child.once('exit', resolve));
      const path = await new Promise<string>((resolve) => {
        child.on('message', (message: string | number) => {
          if (typeof message === 'string') resolve(message);
          else if (message >= 10 + attempt) child.kill('SIGKILL');
        });
        child.send(big);
      });
      await ended;
      const folder = join(root, path);
      expect(await stored(folder)).toMatchObject({ verdict: 'partial', tests: big.tests });
      expect((await stat(join(folder, 'log.ndjson'))).isFile()).toBe(true);
    }
  }, 30_000);
});

/** Replaces its result as fast as the disk allows and says how often. */
const writer = `
  import { existsSync } from 'node:fs';
  import { createRunFolder } from './run-folder.ts';
  process.once('message', async (result) => {
    const folder = await createRunFolder('.', 'killed', '${startedAt}');
    folder.replaceResult(result);
    folder.appendLog({ atMs: 0, level: 'log', source: 'tool', text: 'first' });
    const written = () => existsSync(folder.path + '/result.json') && existsSync(folder.path + '/log.ndjson');
    while (!written()) await new Promise((resolve) => setTimeout(resolve, 2));
    process.send(folder.path);
    for (let n = 0; ; n++) {
      folder.replaceResult(result);
      folder.appendLog({ atMs: 0, level: 'log', source: 'tool', text: String(n) });
      process.send(n);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  });
`;
