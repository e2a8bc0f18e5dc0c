/** Rows from a file for a test: read when the test file loads, given out by the number of the iteration alone. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { TestFileError } from '../kernel/errors.ts';
import { mixSeed } from '../kernel/random.ts';
import type { Random } from '../model/suite.ts';

/**
 * 'sequential': row after row, from the start again after the last one. 'random': any row, by the test's seed.
 * 'unique': row after row, and the test ends with an error when they are used up.
 */
export type RowOrder = 'sequential' | 'random' | 'unique';

export interface DataOptions {
  /** Default 'sequential'. */
  readonly order?: RowOrder;
  /** 'vu': a VU keeps one row for all its iterations. Default 'iteration'. */
  readonly per?: 'iteration' | 'vu';
}

export interface CsvOptions<Row> extends DataOptions {
  /** Default ','. */
  readonly delimiter?: string;
  /** Makes a row of the columns, which are all text: `(columns) => ({ id: Number(columns.id) })`. */
  readonly parse?: (columns: Readonly<Record<string, string>>) => Row;
}

/** What decides on the row: the context of a test function, or that of `setupVu`, where the VU counts. */
export interface RowContext {
  readonly vu: { readonly id: number };
  readonly iteration?: { readonly index: number };
  readonly random: Random;
}

export interface DataSource<Row> {
  readonly rows: readonly Row[];
  /**
   * The row of this iteration (or VU). Iterations are numbered over all workers, so no row of a `unique` source is
   * given out twice within a scenario.
   */
  row(context: RowContext): Row;
}

/**
 * A CSV file with a header line; the path starts at the test file's folder.
 *
 *     const users = csv<{ name: string }>('users.csv', { order: 'unique' });
 *     loadTest('sign in', …, async (context) => { const { name } = users.row(context); … });
 *
 * @throws TestFileError when the file is missing, malformed or has no row
 */
export function csv<Row = Record<string, string>>(path: string, options: CsvOptions<Row> = {}): DataSource<Row> {
  const { text, place } = readData(path);
  const { delimiter = ',', parse } = options;
  const columns = { columns: true, bom: true, delimiter, skip_empty_lines: true, relax_column_count: false };
  let records: Record<string, string>[];
  try {
    records = loadCsvParser()(text, columns);
  } catch (error) {
    throw new TestFileError(`${place} is not valid CSV: ${messageOf(error)}`, { cause: error });
  }
  return dataSource(place, parse ? records.map(parse) : (records as Row[]), options);
}

/**
 * A JSON file that holds a list; the path starts at the test file's folder.
 *
 * @throws TestFileError when the file is missing, malformed or not a list with a row
 */
export function json<Row = unknown>(path: string, options: DataOptions = {}): DataSource<Row> {
  const { text, place } = readData(path);
  let rows: unknown;
  try {
    rows = JSON.parse(text);
  } catch (error) {
    throw new TestFileError(`${place} is not valid JSON: ${messageOf(error)}`, { cause: error });
  }
  if (!Array.isArray(rows)) throw new TestFileError(`${place} holds no list`, { hint: 'write [ … ], a value a row' });
  return dataSource(place, rows as Row[], options);
}

function dataSource<Row>(place: string, rows: readonly Row[], options: DataOptions): DataSource<Row> {
  const { order = 'sequential', per = 'iteration' } = options;
  const first = rows[0];
  if (first === undefined) throw new TestFileError(`${place} has no rows`);
  return {
    rows,
    row(context) {
      const counted = per === 'vu' ? undefined : context.iteration?.index;
      const number = counted ?? context.vu.id;
      if (order === 'unique' && number >= rows.length) throw rowsUsedUp(place, rows.length, counted === undefined);
      if (order !== 'random') return rows[number % rows.length] ?? first;
      if (counted !== undefined) return context.random.pick(rows);
      return rows[mixSeed(number) % rows.length] ?? first;
    },
  };
}

function rowsUsedUp(place: string, rows: number, perVu: boolean): TestFileError {
  const message = `${place} has ${rows} ${rows === 1 ? 'row' : 'rows'}, and ${perVu ? 'VU' : 'iteration'} ${rows + 1} asked for one of its own`;
  runningFile()?.abort?.(message);
  return new TestFileError(message, { hint: "add rows, or take them in order: 'sequential'" });
}

/** What the bundle and the worker say about the file that is being loaded; see `engine/registry`. */
interface RunningFile {
  readonly file: string;
  /** The project's root, which `file` starts from. */
  readonly root?: string;
  readonly abort?: ((reason: string) => void) | undefined;
}

function runningFile(): RunningFile | undefined {
  return (globalThis as Record<symbol, RunningFile | undefined>)[Symbol.for('plimsoll.registry')];
}

function readData(path: string): { text: string; place: string } {
  const { file = '', root = process.cwd() } = runningFile() ?? {};
  const absolute = resolve(join(root, dirname(file)), path);
  const place = relative(root, absolute).replaceAll('\\', '/');
  try {
    return { text: readFileSync(absolute, 'utf8').replace(/^\uFEFF/, ''), place };
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const reason = isMissing ? `${place} does not exist` : `${place} cannot be read: ${messageOf(error)}`;
    throw new TestFileError(file ? `${reason} (named in ${file})` : reason, {
      cause: error,
      hint: `paths start at the test file's folder`,
    });
  }
}

type CsvParser = (text: string, options: object) => Record<string, string>[];

/** Loaded with the first CSV file: 10 ms that other tests do not pay. */
function loadCsvParser(): CsvParser {
  const load = createRequire(import.meta.url);
  return (load('csv-parse/sync') as { parse: CsvParser }).parse;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
