import { describe, expect, test } from 'vitest';
import { sampleRun, sampleTest, troubledTest } from '../../test/support/sample-result.ts';
import { constantVus } from '../model/load-model.ts';
import type { TestPlan } from '../model/plan.ts';
import type { Progress } from './progress.ts';
import type { Reporter, Sink } from './reporter.ts';
import { terminalReporter } from './terminal-reporter.ts';
import { renderRun } from './terminal.ts';

const plan = {
  group: 'G',
  name: 'one',
  scenarios: [{ name: 'default', load: constantVus({ vus: 10, duration: '12s' }), startAfterMs: 0 }],
} as unknown as TestPlan;

function progressAt(elapsedSeconds: number): Progress {
  return {
    group: 'G',
    name: 'one',
    elapsedSeconds,
    fraction: elapsedSeconds / 12,
    phase: 'load',
    activeVus: 10,
    vus: 10,
    rate: 100,
    p95: 20,
    max: 30,
    failed: 0,
    limited: 0,
    exceptions: 0,
    generator: 'ok',
  };
}

class Recorded implements Sink {
  text = '';
  readonly isTerminal: boolean;
  readonly columns = 80;

  constructor(isTerminal: boolean) {
    this.isTerminal = isTerminal;
  }

  write(text: string): void {
    this.text += text;
  }
}

/** Twelve seconds of one test, with a line of its own in between. */
function play(reporter: Reporter): void {
  reporter.onTestStart?.(plan);
  for (let second = 1; second <= 12; second++) {
    reporter.onSecond?.(progressAt(second));
    if (second === 7) reporter.onLog?.({ level: 'warn', text: 'look\u001b[2J\nhere' });
  }
  reporter.onTestEnd?.(sampleTest());
  reporter.onRunEnd?.(sampleRun(), '.plimsoll/runs/x');
}

const finished = renderRun(sampleRun(), { columns: 80, colour: false, reportPath: '.plimsoll/runs/x' });

describe('in a pipe', () => {
  test('a line at the start and one every five seconds, then what a stored run shows', () => {
    const [out, err] = [new Recorded(false), new Recorded(false)];
    play(terminalReporter({ out, err, env: {} }));
    const line = '10/10 VUs  100/s  p95 20.0 ms  0 errors  generator ok';
    expect(out.text).toBe(`G › one: started\n  5s  41%  ${line}\n  10s  83%  ${line}\n\n${finished}`);
    expect(err.text).toBe('warn: look\nwarn: here\n');
  });

  test('no control codes, unless colour is asked for', () => {
    const plain = new Recorded(false);
    play(terminalReporter({ out: plain, err: plain, env: {} }));
    expect(plain.text).not.toContain('\u001b');
    const forced = new Recorded(false);
    play(terminalReporter({ out: forced, err: forced, env: { FORCE_COLOR: '1' } }));
    expect(forced.text).toContain('\u001b[32m✓');
  });

  test('a CI server with a terminal gets plain lines too', () => {
    const out = new Recorded(true);
    play(terminalReporter({ out, err: out, env: { CI: 'true', NO_COLOR: '1' } }));
    expect(out.text).not.toContain('\u001b');
  });

  test('a flood of lines is cut each second, and counted', () => {
    const [out, err] = [new Recorded(false), new Recorded(false)];
    const reporter = terminalReporter({ out, err, env: {} });
    for (let i = 0; i < 1234; i++) reporter.onLog?.({ level: 'log', text: `line ${i}` });
    reporter.onSecond?.(progressAt(1));
    reporter.onLog?.({ level: 'log', text: 'next second' });
    const lines = err.text.trimEnd().split('\n');
    expect(lines).toHaveLength(52);
    expect(lines.slice(-2)).toEqual(['and 1,184 more lines, in log.ndjson', 'next second']);
  });
});

describe('on a terminal', () => {
  test('one line is drawn over itself and nothing of it is left at the end', async () => {
    await import('log-update');
    const out = new Recorded(true);
    const reporter = terminalReporter({ out, err: out, env: { NO_COLOR: '1' } });
    reporter.onTestStart?.(plan);
    await expect.poll(() => out.text).toContain('starting');
    reporter.onSecond?.(progressAt(6));
    expect(screen(out.text)).toEqual([
      'one  ━━━━━─────   50%  10/10 VUs    100/s  p95 20.0 ms  0 errors  generator ok',
      '',
    ]);
    reporter.onSecond?.(progressAt(9));
    reporter.onLog?.({ level: 'log', text: 'from the test' });
    expect(screen(out.text)).toEqual([
      'from the test',
      'one  ━━━━━━━───   75%  10/10 VUs    100/s  p95 20.0 ms  0 errors  generator ok',
      '',
    ]);
    reporter.onTestEnd?.(sampleTest());
    reporter.onRunEnd?.(sampleRun(), '.plimsoll/runs/x');
    expect(screen(out.text).join('\n')).toBe(`from the test\n${finished}`);
  });

  test('a problem is told above the line', async () => {
    await import('log-update');
    const out = new Recorded(true);
    const reporter = terminalReporter({ out, err: out, env: { NO_COLOR: '1' } });
    reporter.onTestStart?.(plan);
    await expect.poll(() => out.text).toContain('starting');
    reporter.onProblem?.('the disk is full');
    expect(screen(out.text)).toEqual(['plimsoll: the disk is full', 'one  starting', '']);
    reporter.onTestEnd?.(troubledTest());
    expect(screen(out.text).join('\n')).not.toContain('starting');
  });
});

/** What a terminal of endless height shows after this text: the few codes that log-update writes. */
function screen(text: string): string[] {
  const lines = [''];
  let [row, column] = [0, 0];
  for (const [token] of text.matchAll(/\u001b\[\??(\d*)([A-Za-z])|\n|[^\n\u001b]+/g)) {
    const [, amount = '', code = ''] = /^\u001b\[\??(\d*)([A-Za-z])$/.exec(token) ?? [];
    if (token === '\n') {
      row++;
      column = 0;
      lines[row] ??= '';
    } else if (code === '') {
      lines[row] = lines[row]!.slice(0, column).padEnd(column) + token + lines[row]!.slice(column + token.length);
      column += token.length;
    } else if (code === 'A') row = Math.max(0, row - Number(amount || 1));
    else if (code === 'B') row += Number(amount || 1);
    else if (code === 'G') column = Number(amount || 1) - 1;
    else if (code === 'K') lines[row] = amount === '2' ? '' : lines[row]!.slice(0, column);
    else if (code !== 'h' && code !== 'l') throw new Error(`unknown code ${JSON.stringify(token)}`);
  }
  // Rows below the cursor that were erased are not part of the picture.
  while (lines.length > row + 1 && lines.at(-1) === '') lines.pop();
  return lines;
}
