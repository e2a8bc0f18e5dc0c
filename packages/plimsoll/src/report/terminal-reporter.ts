/** A run as a person follows it: progress while a test runs, its block when it has ended, the verdict at the end. */
import { stripVTControlCharacters } from 'node:util';
import { formatCount } from '../kernel/units.ts';
import { LiveProgress } from './live-progress.ts';
import { PlainProgress } from './plain-progress.ts';
import type { ReportedLine, Reporter, Sink } from './reporter.ts';
import { terminalStyle, wantsColour, wantsUnicode, type TerminalOptions } from './terminal-style.ts';
import { renderEnd, renderTest } from './terminal.ts';

export interface TerminalReporterOptions {
  /** Progress and results. */
  readonly out: Sink;
  /** What tests and the tool have to say. */
  readonly err: Sink;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `--color` or `--no-color`; undefined: by the environment. */
  readonly colour?: boolean | undefined;
}

/** Lines of a test's own that are shown each second; all of them are stored. */
const mostLinesPerSecond = 50;

export function terminalReporter(settings: TerminalReporterOptions): Reporter {
  const { out, err, env, colour } = settings;
  const options = (): TerminalOptions => ({
    columns: out.columns,
    colour: wantsColour(out.isTerminal, env, colour),
    unicode: wantsUnicode(env),
  });
  const style = () => terminalStyle(options());
  const view = showsLive(out, env) ? new LiveProgress(out, style) : new PlainProgress(out, style());
  const errStyle = terminalStyle({ ...options(), colour: wantsColour(err.isTerminal, env, colour) });
  const log = new BoundedLog((text) => view.around(() => err.write(text)));
  return {
    onTestStart: (test) => view.start(test),
    onSecond: (progress) => {
      log.newSecond();
      view.second(progress);
    },
    onLog: ({ level, text }) => {
      const tone = level === 'error' ? errStyle.bad : level === 'warn' ? errStyle.warn : undefined;
      log.add(printable({ level, text }), tone);
    },
    onProblem: (message) => view.around(() => err.write(`${errStyle.warn('plimsoll:')} ${errStyle.clean(message)}\n`)),
    onTestEnd: (test) => {
      log.newSecond();
      view.end();
      out.write(`${renderTest(test, options())}\n`);
    },
    onRunEnd: (result, folder) => {
      log.newSecond();
      view.end();
      out.write(renderEnd(result, folder === undefined ? options() : { ...options(), reportPath: folder }));
    },
  };
}

/** A CI server may offer a terminal; its log keeps every line that is drawn over. */
function showsLive(out: Sink, env: Readonly<Record<string, string | undefined>>): boolean {
  const inCi = !['', '0', 'false', undefined].includes(env['CI']);
  return out.isTerminal && !inCi && env['TERM'] !== 'dumb';
}

/** Text of a test, perhaps from a server: it may hold line breaks and tabs, but nothing that moves the cursor. */
function printable({ level, text }: ReportedLine): string[] {
  const plain = stripVTControlCharacters(text.slice(0, 10_000)).replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, '');
  const lines = plain.replace(/\n$/, '').split('\n');
  return level === 'log' ? lines : lines.map((line) => `${level}: ${line}`);
}

class BoundedLog {
  private readonly write: (text: string) => void;
  private shown = 0;
  private hidden = 0;

  constructor(write: (text: string) => void) {
    this.write = write;
  }

  add(lines: readonly string[], paint: (text: string) => string = (text) => text): void {
    const taken = lines.slice(0, Math.max(0, mostLinesPerSecond - this.shown));
    this.shown += taken.length;
    this.hidden += lines.length - taken.length;
    if (taken.length > 0) this.write(taken.map((line) => `${paint(line)}\n`).join(''));
  }

  newSecond(): void {
    if (this.hidden > 0) this.write(`and ${formatCount(this.hidden)} more lines, in log.ndjson\n`);
    this.shown = 0;
    this.hidden = 0;
  }
}
