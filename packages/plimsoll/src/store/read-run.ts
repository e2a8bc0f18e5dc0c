/** Reads a stored run back, also one that was cut off. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCodes, PlimsollError } from '../kernel/errors.ts';
import type { RunResult } from '../model/result.ts';
import { findRun } from './find-run.ts';

/** The run is there, its result is not, or not in a form that can be read. */
export class RunUnreadableError extends PlimsollError {
  readonly code = 'RUN_UNREADABLE';
  readonly exitCode = exitCodes.usage;
}

export interface StoredRun {
  /** The run's folder. */
  readonly path: string;
  readonly result: RunResult;
  /** What a reader should know: that the run was cut off, that others were meant too. A sentence each. */
  readonly notes: readonly string[];
}

/**
 * @param wanted as `findRun` takes it
 * Errors: RunNotFoundError, RunUnreadableError.
 */
export async function readRun(storeRoot: string, wanted = 'latest'): Promise<StoredRun> {
  const { path, candidates } = await findRun(storeRoot, wanted);
  const result = parseResult(await readResultText(path), join(path, 'result.json'));
  await assertFits(result, join(path, 'result.json'));
  const notes = await notesOn(path, result);
  if (candidates > 1) notes.unshift(`${candidates} runs fit '${wanted}': this is the newest`);
  return { path, result, notes };
}

async function readResultText(path: string): Promise<string> {
  try {
    return await readFile(join(path, 'result.json'), 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT')
      throw new RunUnreadableError(`${join(path, 'result.json')} cannot be read: ${message}`, { cause: error });
    const seconds = (await secondsInTimeline(path)).length;
    throw new RunUnreadableError(`${path} holds no result.json: the run ended before it could be written`, {
      hint: seconds > 0 ? `its timeline.ndjson holds ${seconds} s of raw figures` : 'run it again',
      cause: error,
    });
  }
}

function parseResult(text: string, file: string): RunResult {
  try {
    return JSON.parse(text) as RunResult;
  } catch (error) {
    throw new RunUnreadableError(`${file} is not JSON: ${(error as SyntaxError).message}`, {
      hint: 'plimsoll replaces this file whole; something else changed it',
      cause: error,
    });
  }
}

async function assertFits(result: RunResult, file: string): Promise<void> {
  const { schema, tool } = (result as Partial<RunResult> | null) ?? {};
  if (schema !== undefined && (schema as number) !== 1) {
    const writer = tool === undefined ? '' : `, written by ${tool}`;
    throw new RunUnreadableError(
      `${file} has version ${String(schema)} of the format${writer}; this tool reads version 1`,
      {
        hint: 'read it with the version that wrote it',
      },
    );
  }
  // zod takes 80 ms to load: only here, where a result is read back.
  const { resultProblems } = await import('../model/schema/result-schema.ts');
  const problems = resultProblems(result);
  if (problems.length > 0) {
    throw new RunUnreadableError(`${file} is not a result of plimsoll: ${problems.join('; ')}`, {
      hint: 'plimsoll/schema/result.json says what it should hold',
    });
  }
}

/** Seconds by which the timeline may run ahead of a result that is replaced once a second. */
const usualLead = 2;

async function notesOn(path: string, result: RunResult): Promise<string[]> {
  if (result.verdict !== 'partial') return [];
  const notes = ['the run is still going on, or was cut off: these are its figures so far'];
  const newer = await writtenAfterResult(path);
  const current = result.tests.at(-1);
  const known = current?.timeline.at(-1)?.second ?? -1;
  const seconds = await secondsInTimeline(path);
  const lead =
    Math.max(-1, ...seconds.filter(({ test }) => test === current?.name).map(({ second }) => second)) - known;
  if (newer && (current === undefined ? seconds.length : lead) > usualLead) {
    notes.push('timeline.ndjson goes further than result.json: the result could not be written at the end');
  }
  return notes;
}

async function writtenAfterResult(path: string): Promise<boolean> {
  const [result, timeline] = await Promise.all(
    ['result.json', 'timeline.ndjson'].map((name) => stat(join(path, name)).catch(() => undefined)),
  );
  return timeline !== undefined && result !== undefined && timeline.mtimeMs > result.mtimeMs;
}

interface TimelineSecond {
  readonly test: string;
  readonly second: number;
}

/** The lines that are whole; a run that was killed may have torn the last one. */
async function secondsInTimeline(path: string): Promise<TimelineSecond[]> {
  const text = await readFile(join(path, 'timeline.ndjson'), 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    try {
      const { test, second } = JSON.parse(line) as TimelineSecond;
      return [{ test, second }];
    } catch {
      return [];
    }
  });
}
