/** Other tools: those of Debian, and those of npm that need nothing newer than the Node that runs the bench. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run, type Command } from '../processes.ts';
import type { Assignment, Contender } from './contender.ts';
import {
  completedByAb,
  completedByAutocannon,
  completedByH2load,
  completedByHey,
  completedByProgram,
  completedByWrk,
} from './peer-output.ts';

const wrk: Contender = {
  name: 'wrk',
  title: 'wrk',
  method: 'GET',
  version: () => ask('wrk', ['-v'], /^wrk (\S+)/),
  command: ({ fileUrl, connections, seconds }) => ({
    program: 'wrk',
    args: ['-t1', `-c${connections}`, `-d${seconds}s`, fileUrl],
  }),
  completed: ({ stdout }) => completedByWrk(stdout),
};

const ab: Contender = {
  name: 'ab',
  title: 'ab',
  method: 'GET',
  version: () => ask('ab', ['-V'], /Version (\S+)/, 'apache2-utils'),
  // -t alone stops at 50,000 requests; 200,000 a second are more than it can make.
  command: ({ fileUrl, connections, seconds }) => ({
    program: 'ab',
    args: ['-k', '-q', '-c', `${connections}`, '-t', `${seconds}`, '-n', `${200_000 * seconds}`, fileUrl],
  }),
  completed: ({ stdout }) => completedByAb(stdout),
};

const h2load: Contender = {
  name: 'h2load',
  title: 'h2load, HTTP/1.1',
  method: 'GET',
  version: () => ask('h2load', ['--version'], /nghttp2\/(\S+)/, 'nghttp2-client'),
  command: ({ fileUrl, connections, seconds }) => ({
    program: 'h2load',
    args: ['--h1', '-t1', '-c', `${connections}`, '-D', `${seconds}`, fileUrl],
  }),
  completed: ({ stdout }) => completedByH2load(stdout),
};

const hey: Contender = {
  name: 'hey',
  title: 'hey',
  method: 'GET',
  version: heyVersion,
  command: ({ fileUrl, connections, seconds }) => ({
    program: 'hey',
    args: ['-z', `${seconds}s`, '-c', `${connections}`, fileUrl],
  }),
  completed: ({ stdout }) => completedByHey(stdout),
};

const autocannon: Contender = {
  name: 'autocannon',
  title: 'autocannon',
  method: 'GET',
  version: () => packageVersion('autocannon'),
  command: ({ fileUrl, connections, seconds }) => ({
    program: process.execPath,
    args: [
      createRequire(import.meta.url).resolve('autocannon'),
      ...['-c', `${connections}`, '-d', `${seconds}`, '--json', fileUrl],
    ],
    shown: 'autocannon',
  }),
  completed: ({ stdout }) => completedByAutocannon(stdout),
};

const undiciDispatch: Contender = {
  name: 'undici-dispatch',
  title: 'undici, dispatch',
  method: 'GET',
  version: () => packageVersion('undici'),
  command: (assignment) => ownProgram('undici-dispatch', '/file.txt', assignment),
  completed: ({ stdout }) => completedByProgram(stdout),
};

const undiciPost: Contender = {
  name: 'undici-post',
  title: 'undici, request, POST',
  method: 'POST',
  version: () => packageVersion('undici'),
  command: (assignment) => ownProgram('undici-post', '/orders', assignment),
  completed: ({ stdout }) => completedByProgram(stdout),
};

export const peers: readonly Contender[] = [wrk, ab, h2load, hey, autocannon, undiciDispatch, undiciPost];

function ownProgram(name: string, path: string, { origin, connections, seconds }: Assignment): Command {
  const program = fileURLToPath(new URL(`programs/${name}.js`, import.meta.url));
  return {
    program: process.execPath,
    args: [program, origin, path, `${connections}`, `${seconds}`],
    shown: `node bench/src/programs/${name}.ts`,
  };
}

/** Some tools answer with an exit code of 1, and not all of them on standard output. */
async function ask(program: string, args: string[], pattern: RegExp, debianPackage = program): Promise<string> {
  const answer = await run({ program, args }).catch(() => {
    throw new Error(`not installed: apt-get install ${debianPackage}`);
  });
  return pattern.exec(answer.stdout + answer.stderr)?.[1] ?? 'of unknown version';
}

/** hey does not tell its version; the package does. */
async function heyVersion(): Promise<string> {
  await ask('hey', ['-h'], /(?!)/);
  const query: Command = { program: 'dpkg-query', args: ['-W', '-f', '${Version}', 'hey'] };
  const answer = await run(query).catch(() => undefined);
  return answer?.code === 0 ? answer.stdout : 'of unknown version';
}

/** Errors: it is not installed. */
export async function packageVersion(name: string): Promise<string> {
  const require = createRequire(import.meta.url);
  try {
    let folder = dirname(require.resolve(name));
    for (; folder !== dirname(folder); folder = dirname(folder)) {
      const found = readPackage(join(folder, 'package.json'));
      if (found?.name === name) return found.version;
    }
  } catch {
    // Said below.
  }
  throw new Error('not installed: npm ci');
}

function readPackage(path: string): { name: string; version: string } | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { name: string; version: string };
  } catch {
    return undefined;
  }
}
