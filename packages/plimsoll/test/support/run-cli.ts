/**
 * Runs the built command line as users do: a process of its own, in a folder of its own.
 *
 *     const project = makeProject({ 'shop.load.ts': `import { loadTest } from 'plimsoll'; …` });
 *     const { code, stderr, result } = await project.run(['run', '--target', origin.url]);
 *
 * Every run that leaves a result is asked for its books: they must balance in every test of it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import type { RunResult, TestResult } from '../../src/model/result.ts';

const commandLine = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface RunOptions {
  /** Killed after so long; the test fails then. Default 50 s. */
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** From the project's folder. */
  readonly cwd?: string;
  /** Shell commands run before it, in its own process: 'ulimit -n 150'. */
  readonly shell?: string;
  /** Words before the shell's: ['unshare', '-rm'] gives it mounts of its own. */
  readonly through?: readonly string[];
  /** Stops reading standard output after its first bytes, as `| head` does. */
  readonly stopsReading?: boolean;
}

export interface CliRun {
  /** null: ended by a signal. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Of `--json`, or else of the run folder; undefined where there is none. */
  readonly result: RunResult | undefined;
  /** The run folder. */
  readonly folder: string | undefined;
  readonly tookMs: number;
}

/** A run under way. */
export class CliProcess {
  readonly #child: ChildProcess;
  readonly #project: Project;
  readonly #startedMs = performance.now();
  readonly #ended: Promise<readonly [number | null, NodeJS.Signals | null]>;
  stdout = '';
  stderr = '';
  timedOut = false;

  constructor(project: Project, args: readonly string[], options: RunOptions) {
    this.#project = project;
    const { shell, through = [], stopsReading = false, timeoutMs = 50_000 } = options;
    const words = [process.execPath, commandLine, ...args];
    const [file, ...rest] =
      shell === undefined ? words : [...through, '/bin/sh', '-c', `${shell}; exec "$@"`, 'sh', ...words];
    const env = { ...plainEnvironment(), ...options.env };
    // A group of its own: what it starts ends with it.
    const child = spawn(file!, rest, { cwd: join(project.root, options.cwd ?? '.'), env, detached: true });
    this.#child = child;
    child.stdin.end();
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      if (stopsReading) child.stdout.destroy();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    const timer = setTimeout(() => {
      this.timedOut = true;
      this.kill();
    }, timeoutMs);
    this.#ended = new Promise((done, fail) => {
      child.once('error', fail);
      child.once(stopsReading ? 'exit' : 'close', (code, signal) => {
        clearTimeout(timer);
        done([code, signal]);
      });
    });
    onTestFinished(() => this.kill());
  }

  get pid(): number {
    return this.#child.pid!;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** The process and all that it has started. */
  kill(): void {
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  }

  /** Resolves when the text has come on standard output or standard error. */
  async says(text: string, timeoutMs = 20_000): Promise<void> {
    await expect.poll(() => this.stdout + this.stderr, { timeout: timeoutMs, interval: 20 }).toContain(text);
  }

  async end(): Promise<CliRun> {
    const [code, signal] = await this.#ended;
    const { stdout, stderr } = this;
    if (this.timedOut) throw new Error(`it did not end in time; it said:\n${stdout}\n${stderr}`);
    const folder = this.#project.lastRun();
    const result = resultIn(stdout) ?? (folder === undefined ? undefined : storedResult(folder));
    return { code, signal, stdout, stderr, result, folder, tookMs: performance.now() - this.#startedMs };
  }
}

export class Project {
  readonly root: string;

  constructor(files: Readonly<Record<string, string>>) {
    this.root = mkdtempSync(join(tmpdir(), 'plimsoll-project-'));
    onTestFinished(() => rmSync(this.root, { recursive: true, force: true }));
    // The project ends here, whatever lies above.
    this.write({ 'package.json': '{ "type": "module" }', ...files });
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      const path = join(this.root, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  }

  read(name: string): string {
    return readFileSync(join(this.root, name), 'utf8');
  }

  start(args: readonly string[], options: RunOptions = {}): CliProcess {
    return new CliProcess(this, args, options);
  }

  /** Runs to the end and looks at the books. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<CliRun> {
    const run = await this.start(args, options).end();
    expectBalanced(run.result);
    return run;
  }

  /** What the run under way has stored; it is rewritten each second. */
  storedSoFar(): RunResult | undefined {
    const folder = this.lastRun();
    return folder === undefined ? undefined : storedResult(folder);
  }

  /** The newest run folder. */
  lastRun(): string | undefined {
    const runs = join(this.root, '.plimsoll/runs');
    if (!existsSync(runs)) return undefined;
    // Beside the folders, which begin with their time, lie a marker of the latest and a .gitignore.
    const last = readdirSync(runs)
      .filter((name) => /^\d/.test(name))
      .sort()
      .at(-1);
    return last === undefined ? undefined : join(runs, last);
  }
}

export function makeProject(files: Readonly<Record<string, string>> = {}): Project {
  return new Project(files);
}

/** A project of one test file that is run with `--json`. `body` follows the import of everything plimsoll offers. */
export async function runTestFile(
  body: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<CliRun & { readonly test: TestResult }> {
  const run = await makeProject({ 'a.load.ts': `${everything}\n${body}` }).run(['run', '--json', ...args], options);
  return { ...run, test: onlyTest(run) };
}

export const everything =
  "import { abortTest, constantArrivalRate, constantVus, csv, group, json, loadTest, metric, perVuIterations, rampingArrivalRate, rampingVus, sharedIterations } from 'plimsoll';";

/** `plimsoll quick URL --json` in a folder of its own. */
export async function quick(
  url: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<CliRun & { readonly test: TestResult }> {
  const run = await makeProject().run(['quick', url, '--json', ...args], options);
  return { ...run, test: onlyTest(run) };
}

/** The result of the one test of a run; an error with everything said where there is none. */
export function onlyTest({ result, code, stderr }: CliRun): TestResult {
  const [test] = result?.tests ?? [];
  if (test === undefined) throw new Error(`no test was run (exit code ${code}): ${stderr}`);
  return test;
}

/** The engine's own assertion, repeated wherever load was put on: what came in went out, to the last request. */
export function expectBalanced(result: RunResult | undefined): void {
  for (const { name, books } of result?.tests ?? []) {
    expect(books.breaches, `the books of '${name}'`).toEqual([]);
    expect(books.balanced, `the books of '${name}'`).toBe(true);
  }
}

function storedResult(folder: string): RunResult | undefined {
  const path = join(folder, 'result.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as RunResult) : undefined;
}

function resultIn(stdout: string): RunResult | undefined {
  if (!stdout.startsWith('{')) return undefined;
  try {
    const value = JSON.parse(stdout) as Partial<RunResult>;
    return value.schema === 1 ? (value as RunResult) : undefined;
  } catch {
    return undefined;
  }
}

/** Without what a terminal, a CI service or vitest may have set. */
function plainEnvironment(): Record<string, string | undefined> {
  const wanted = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'SystemRoot'];
  return Object.fromEntries(
    wanted.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}
