/** The command line: words in, one command run, an exit code out. Each command is loaded only when it is called. */
import { Command, CommanderError } from 'commander';
import { ownPackage } from '../input/own-package.ts';
import { exitCodes, UsageError, type ExitCode } from '../kernel/errors.ts';
import type { DoctorOptions } from './commands/doctor.ts';
import type { InitOptions } from './commands/init.ts';
import type { QuickOptions } from './commands/quick.ts';
import type { ReportOptions } from './commands/report.ts';
import type { RunOptions } from './commands/run.ts';
import { reportFailure } from './failure.ts';
import { addresses, collected, duration, list, rate, wholeNumber } from './option-values.ts';
import { standardError, standardOutput } from './output.ts';

/** Runs the command and ends the process. */
export async function runCommandLine(words: readonly string[]): Promise<void> {
  // A stream that nobody reads any more must be noticed from the start.
  const [out, err] = [standardOutput(), standardError()];
  process.on('uncaughtException', (error) => process.exit(reportFailure(error, err)));
  const code = await execute(words).catch((error: unknown) => reportFailure(error, err));
  await Promise.all([out.flushed(), err.flushed()]);
  process.exit(code);
}

async function execute(words: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = exitCodes.passed;
  const program = commandLine(words, (outcome) => {
    code = outcome;
  });
  try {
    await program.parseAsync(words, { from: 'user' });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return exitCodes.passed;
    throw usageError(error, words);
  }
}

/** commander's "error: unknown option '--raet'\n(Did you mean --rate?)" as an error of ours. */
function usageError(error: CommanderError, words: readonly string[]): UsageError {
  if (error.code === 'commander.help') return new UsageError('no command given', { hint: 'see plimsoll --help' });
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const meant = /^\(Did you mean (.*)\?\)$/.exec(suggestion ?? '')?.[1];
  const [command] = words;
  const help =
    command !== undefined && !command.startsWith('-') && error.code !== 'commander.unknownCommand' ? `${command} ` : '';
  return new UsageError(message, { hint: meant ? `did you mean ${meant}?` : `see plimsoll ${help}--help` });
}

type Done = (code: ExitCode) => void;

/** Every command with its options; `done` gets the exit code. */
export function commandLine(words: readonly string[], done: Done): Command {
  const program = new Command('plimsoll')
    .description('Load tests in TypeScript, with a verdict you can trust.')
    .version(ownPackage().version)
    .exitOverride()
    .configureOutput({ writeOut: (text) => standardOutput().write(text), writeErr: () => undefined })
    .showSuggestionAfterError()
    .addHelpText('after', exitCodeHelp);
  addRun(program, words, done);
  addQuick(program, words, done);
  addReport(program, done);
  addInit(program, done);
  addDoctor(program, done);
  return program;
}

const exitCodeHelp = `
Exit codes: 0 passed, 1 failed, 2 usage or configuration, 3 invalid measurement,
4 target unreachable, 5 broken, 130 interrupted.`;

function addRun(program: Command, words: readonly string[], done: Done): void {
  const command = program
    .command('run')
    .description('find *.load.ts, run what matches, print, store and judge')
    .argument('[filter...]', 'parts of file, group or test names')
    .option('--suite <name>', 'a suite of the configuration')
    .option('--target <name>', 'a target of the configuration, or a URL')
    .option('--vus <n>', 'VUs of every chosen test', wholeNumber('--vus'))
    .option('--rate <rate>', "peak arrivals, '50/s' or '300/m'", rate('--rate'))
    .option('--duration <time>', "length of the load, '30s' or '5m'", duration('--duration'))
    .option('--iterations <n>', 'so many iterations instead of a duration', wholeNumber('--iterations'))
    .option('--env-file <path>', 'set environment variables from a file', collected)
    .option('--config <path>', 'another configuration file')
    .option('--bail', 'stop after the first test that does not pass')
    .option('--dry-run', 'print the plan and send nothing');
  addShared(command).action(async (filters: string[], options: RunOptions) => {
    const { run } = await import('./commands/run.ts');
    done(await run(filters, options, words));
  });
}

function addQuick(program: Command, words: readonly string[], done: Done): void {
  const command = program
    .command('quick')
    .description('load one URL, without a file')
    .argument('<url>', 'http://localhost:3000/path')
    .option('-c, --connections <n>', 'connections, each with one request at a time (10)', wholeNumber('-c'))
    .option('-r, --rate <rate>', "arrivals, '50/s', whether answers come or not", rate('-r'))
    .option('-d, --duration <time>', "how long, '30s' or '5m' (10s); with -n, at most so long", duration('-d'))
    .option('-n, --requests <n>', 'so many requests instead of a duration', wholeNumber('-n'))
    .option('-m, --method <method>', 'GET, or POST with a body')
    .option('-H, --header <line>', "'name: value', as often as needed", collected)
    .option('--body <text>', 'the body, or @file')
    .option('--timeout <time>', 'for a whole request (30s)', duration('--timeout'))
    .option('-k, --insecure', 'do not verify certificates');
  addShared(command).action(async (url: string, options: QuickOptions) => {
    const { quick } = await import('./commands/quick.ts');
    done(await quick(url, options, words));
  });
}

function addReport(program: Command, done: Done): void {
  const run = "'latest', a folder, a name or the start of one";
  program
    .command('report')
    .description('everything again from a stored run, in other formats')
    .argument('[run]', run)
    .option('--format <list>', 'terminal, json, junit, markdown, csv', list)
    .option('--output <path>', 'a file, or a folder for several formats')
    .option('--config <path>', 'another configuration file')
    .option('--no-color', 'no colours')
    .action(async (wanted: string | undefined, options: ReportOptions) => {
      const { report } = await import('./commands/report.ts');
      done(await report(wanted, options));
    });
  program
    .command('analyse')
    .alias('analyze')
    .description('a stored run in the terminal')
    .argument('[run]', run)
    .option('--config <path>', 'another configuration file')
    .option('--no-color', 'no colours')
    .action(async (wanted: string | undefined, options: Omit<ReportOptions, 'format'>) => {
      const { report } = await import('./commands/report.ts');
      done(await report(wanted, options));
    });
}

function addInit(program: Command, done: Done): void {
  program
    .command('init')
    .description('write a first test that runs')
    .argument('[url]', 'the service to load; without it an example is written too')
    .option('--js', 'JavaScript instead of TypeScript')
    .action(async (url: string | undefined, options: InitOptions) => {
      const { init } = await import('./commands/init.ts');
      done(init(url, options));
    });
}

function addDoctor(program: Command, done: Done): void {
  program
    .command('doctor')
    .description('can this machine generate load and measure?')
    .option('--json', 'print the findings as JSON')
    .option('--no-color', 'no colours')
    .action(async (options: DoctorOptions) => {
      const { doctor } = await import('./commands/doctor.ts');
      done(await doctor(options));
    });
}

function addShared(command: Command): Command {
  return command
    .option('--allow <host>', 'load this host, which is not this machine', list)
    .option('--seed <n>', 'for everything random (1)', wholeNumber('--seed', 0))
    .option('--workers <n>', 'threads', wholeNumber('--workers'))
    .option('--source-address <ip>', 'connect from this address, or several', addresses('--source-address'))
    .option('--json', 'print result.json on standard output and nothing else')
    .option('--debug', 'print requests and answers')
    .option('--no-store', 'write no run folder')
    .option('--no-color', 'no colours');
}
