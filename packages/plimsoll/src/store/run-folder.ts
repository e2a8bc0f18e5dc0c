/**
 * Where a run is written while it goes on: `<store>/runs/<time>-<name>/`.
 *
 *     result.json       replaced whole each second; until the end its verdict is 'partial'
 *     timeline.ndjson   a line for each second of each test, with histograms
 *     log.ndjson        what the tests and the tool had to say
 *
 * A disk that is full or read-only never stops a run: the problem is told once and stands in the final result.
 */
import { access, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { formatCount } from '../kernel/units.ts';
import type { RunResult } from '../model/result.ts';
import { snapshotToJson } from '../stats/snapshot-json.ts';
import type { Snapshot } from '../stats/snapshot.ts';
import { AppendFile } from './append-file.ts';
import { redactResult, redactText } from './redact.ts';
import { ReplacedFile } from './replaced-file.ts';
import { latestMarker, runFolderName, runsFolder } from './run-name.ts';

export interface RunFolderOptions {
  /** Told once for each kind of trouble, in a sentence for the user. */
  readonly onProblem?: (problem: string) => void;
  /** Bytes of each appended file that may wait for the disk. */
  readonly maxPendingBytes?: number;
}

/** A second of a test: what every worker saw. */
export interface TimelineLine {
  readonly test: string;
  readonly group: string;
  readonly second: number;
  readonly snapshots: readonly Snapshot[];
}

export interface LogEntry {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly level: 'log' | 'warn' | 'error' | 'debug';
  readonly source: 'test' | 'tool';
  readonly text: string;
  readonly test?: string;
  readonly worker?: number;
  readonly vu?: number;
}

/**
 * Makes the folder of a new run and marks it as the latest. Never rejects: where the disk refuses, the run folder says so
 * through `onProblem` and keeps trying.
 *
 * @param storeRoot the configuration's `store`, '.plimsoll' by default
 * @param startedAt ISO time, as in the result
 */
export async function createRunFolder(
  storeRoot: string,
  name: string,
  startedAt: string,
  options: RunFolderOptions = {},
): Promise<RunFolder> {
  const runs = runsFolder(storeRoot);
  const wanted = runFolderName(name, startedAt);
  try {
    await makeRunsFolder(runs);
    const taken = await makeUnique(runs, wanted);
    const folder = new RunFolder(join(runs, taken), options);
    await writeFile(latestMarker(runs), `${taken}\n`).catch((error: unknown) => {
      folder.report(error);
    });
    return folder;
  } catch (error) {
    const folder = new RunFolder(join(runs, wanted), options);
    folder.report(error);
    return folder;
  }
}

/** Results are not for version control; baselines are, and lie elsewhere. */
async function makeRunsFolder(runs: string): Promise<void> {
  const created = await mkdir(runs, { recursive: true });
  const ignore = join(runs, '.gitignore');
  const known = created === undefined && (await exists(ignore));
  if (!known) await writeFile(ignore, '*\n');
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Two runs of one name may start in the same millisecond: mkdir decides who came first. */
async function makeUnique(runs: string, wanted: string): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const name = attempt === 1 ? wanted : `${wanted}-${attempt}`;
    try {
      await mkdir(join(runs, name));
      return name;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt >= 1000) throw error;
    }
  }
}

export class RunFolder {
  readonly path: string;
  private readonly options: RunFolderOptions;
  private readonly result: ReplacedFile;
  private readonly timeline: AppendFile;
  private readonly log: AppendFile;
  /** By code, so that a disk that stays full is told once. */
  private readonly told = new Map<string, string>();

  constructor(path: string, options: RunFolderOptions) {
    this.path = path;
    this.options = options;
    const onError = (error: unknown): void => {
      this.report(error);
    };
    const pending = options.maxPendingBytes === undefined ? {} : { maxPendingBytes: options.maxPendingBytes };
    this.result = new ReplacedFile(join(path, 'result.json'), onError);
    this.timeline = new AppendFile(join(path, 'timeline.ndjson'), { ...pending, onError });
    this.log = new AppendFile(join(path, 'log.ndjson'), { ...pending, onError });
  }

  /** Each second, and once before the first test: result.json as it stands, marked 'partial'. Does not wait. */
  replaceResult(result: RunResult): void {
    this.result.replace(() => `${JSON.stringify({ ...redactResult(result), endedAt: null, verdict: 'partial' })}\n`);
  }

  /** Does not wait. */
  appendSecond(line: TimelineLine): void {
    this.timeline.append(JSON.stringify({ ...line, snapshots: line.snapshots.map(snapshotToJson) }));
  }

  /** Does not wait. */
  appendLog(entry: LogEntry): void {
    const { atMs, ...rest } = entry;
    // What a test logs is its own word; what the tool and the service say may hold a URL that nobody meant to keep.
    const text = entry.source === 'tool' ? redactText(entry.text) : entry.text;
    this.log.append(JSON.stringify({ at: new Date(atMs).toISOString(), ...rest, text }));
  }

  /**
   * Writes what is left, the reports and, last, the final result.
   *
   * @param resultOf whether all could be stored → the final result. A version of a moment that could not be written is no
   *   loss: the next one holds all of it.
   * @param reports from the final result to file name → content
   * @param freed when the rest of the program has let go of its files: what cannot be written before is tried again then
   * @returns the result as it was stored: with the problems of storing it. Never rejects.
   */
  async finish(
    resultOf: (isWhole: boolean) => RunResult,
    reports: (final: RunResult) => Readonly<Record<string, string>> = () => ({}),
    freed: Promise<void> = Promise.resolve(),
  ): Promise<RunResult> {
    await Promise.all([this.timeline.settled(), this.log.settled(), this.result.settled()]);
    if (this.timeline.isWaiting || this.log.isWaiting) await freed;
    await Promise.all([this.timeline.close(), this.log.close()]);
    this.countDropped(this.timeline, 'seconds of the timeline');
    this.countDropped(this.log, 'lines of the log');
    let isWhole = this.timeline.droppedLines === 0 && this.log.droppedLines === 0;
    const final = (): RunResult => {
      const result = redactResult(resultOf(isWhole));
      return { ...result, problems: [...result.problems, ...this.told.values()] };
    };
    for (const [name, content] of Object.entries(reports(final()))) {
      const file = new ReplacedFile(join(this.path, name), (error) => {
        this.report(error);
      });
      isWhole = (await put(file, () => content, freed)) && isWhole;
    }
    isWhole = (await put(this.result, () => `${JSON.stringify(final(), null, 2)}\n`, freed)) && isWhole;
    return final();
  }

  /** Tells of a failed write, unless the same was told before. */
  report(error: unknown): void {
    const { code = 'unknown', message, path } = error as NodeJS.ErrnoException;
    if (this.told.has(code)) return;
    const reason = reasons[code] ?? message;
    // Of the path in the error only what lies above the run is of interest: which folder refused.
    const place = path === undefined || path.startsWith(this.path) ? this.path : dirname(path);
    this.tell(code, `results cannot be written to ${place}: ${reason}; the run goes on, what was stored before stays`);
  }

  private countDropped(file: AppendFile, what: string): void {
    if (file.droppedLines === 0) return;
    this.tell(`dropped ${what}`, `${formatCount(file.droppedLines)} ${what} could not be stored`);
  }

  private tell(key: string, problem: string): void {
    this.told.set(key, problem);
    this.options.onProblem?.(problem);
  }
}

/** Whether it is in place. */
async function put(file: ReplacedFile, content: () => string, freed: Promise<void>): Promise<boolean> {
  file.replace(content);
  await file.settled();
  if (file.isCurrent) return true;
  await freed;
  file.replace(content);
  await file.settled();
  return file.isCurrent;
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EMFILE: 'too many files are open',
  ENOENT: 'the folder does not exist',
};
