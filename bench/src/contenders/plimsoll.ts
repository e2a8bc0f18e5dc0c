/** This tool: the built command, and what its result says. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { RunResult, TestResult } from '../../../packages/plimsoll/src/model/result.ts';
import type { Command, Finished } from '../processes.ts';
import type { Contender, ContenderName } from './contender.ts';

const packageRoot = new URL('../../packages/plimsoll/', import.meta.url);
const entry = fileURLToPath(new URL('bin/plimsoll.js', packageRoot));

type TestFileName =
  | 'scripted-get'
  | 'scripted-post'
  | 'idle-connections'
  | 'one-iteration'
  | 'idle-sockets'
  | 'socket-feed'
  | 'held-sockets'
  | 'socket-fan-out'
  | 'idle-socket-io';

/** A test file of the bench, as a path. */
export function testFile(name: TestFileName): string {
  return fileURLToPath(new URL(`../src/load/${name}.ts`, import.meta.url));
}

/** `plimsoll …` as a command; its run folder goes below `folder`. */
export function plimsoll(args: readonly string[], folder: string): Command {
  return { program: process.execPath, args: [entry, ...args], cwd: folder, shown: 'plimsoll' };
}

/** The version, as Node runs it. Errors: the tool is not built. */
export function plimsollVersion(): Promise<string> {
  if (!existsSync(new URL('dist/cli/main.js', packageRoot))) throw new Error('not built: npm run build');
  const { version } = JSON.parse(readFileSync(new URL('package.json', packageRoot), 'utf8')) as { version: string };
  return Promise.resolve(`${version} on Node ${process.version}`);
}

export function resultOf(run: Finished): RunResult {
  if (!run.stdout.startsWith('{')) throw new Error(run.stderr.trim() || `it ended with code ${String(run.code)}`);
  return JSON.parse(run.stdout) as RunResult;
}

/** The only test of a result. Errors: the measurement broke off. */
export function onlyTest(result: RunResult): TestResult {
  const [test] = result.tests;
  if (test === undefined || result.verdict === 'broken' || result.verdict === 'unreachable') {
    throw new Error(`its verdict is ${result.verdict}`);
  }
  return test;
}

/** Answers as expected. Errors: any other answer than the expected one. */
function completed(run: Finished): number {
  const test = onlyTest(resultOf(run));
  if (test.failed + test.limited + test.checkFailed > 0) {
    throw new Error(`it reports failures: ${JSON.stringify(test.errors)}, ${test.checkFailed} failed checks`);
  }
  return test.expected;
}

function quick(name: ContenderName, title: string, more: readonly string[]): Contender {
  return {
    name,
    title,
    method: 'GET',
    version: plimsollVersion,
    command: ({ fileUrl, connections, seconds, folder }) =>
      plimsoll(['quick', '-c', `${connections}`, '-d', `${seconds}s`, ...more, '--json', fileUrl], folder),
    completed,
  };
}

function scripted(name: ContenderName, title: string, file: TestFileName, more: readonly string[]) {
  return {
    name,
    title,
    method: file === 'scripted-post' ? 'POST' : 'GET',
    version: plimsollVersion,
    command: ({ origin, connections, seconds, folder }) => {
      const load = ['--target', origin, '--vus', `${connections}`, '--duration', `${seconds}s`];
      return plimsoll(['run', testFile(file), ...load, ...more, '--json'], folder);
    },
    completed,
  } satisfies Contender;
}

export const ownContenders: readonly Contender[] = [
  quick('quick', 'plimsoll quick', []),
  scripted('scripted', 'plimsoll, scripted test', 'scripted-get', []),
  quick('quick-2-workers', 'plimsoll quick, 2 workers', ['--workers', '2']),
  scripted('scripted-2-workers', 'plimsoll, scripted test, 2 workers', 'scripted-get', ['--workers', '2']),
  scripted('scripted-post', 'plimsoll, scripted POST', 'scripted-post', []),
];
