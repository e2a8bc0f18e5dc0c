/** Progress in a pipe or a CI log: a line when a test starts and one every few seconds, without control codes. */
import { plainLine } from './live-line.ts';
import type { Progress } from './progress.ts';
import type { Sink } from './reporter.ts';
import type { TerminalStyle } from './terminal-style.ts';
import { testTitle } from './verdict-words.ts';

/** How progress is shown between the start of a test and its end. */
export interface ProgressView {
  start(test: { readonly group: string; readonly name: string }): void;
  second(progress: Progress): void;
  end(): void;
  around(write: () => void): void;
}

const everySeconds = 5;

export class PlainProgress implements ProgressView {
  private readonly out: Sink;
  private readonly style: TerminalStyle;
  private nextSeconds = everySeconds;
  private running = false;

  constructor(out: Sink, style: TerminalStyle) {
    this.out = out;
    this.style = style;
  }

  start(test: { readonly group: string; readonly name: string }): void {
    this.nextSeconds = everySeconds;
    this.running = true;
    this.out.write(`${this.style.clean(testTitle(test, this.style.symbols.within))}: started\n`);
  }

  second(progress: Progress): void {
    if (progress.elapsedSeconds < this.nextSeconds) return;
    this.nextSeconds = everySeconds * (Math.floor(progress.elapsedSeconds / everySeconds) + 1);
    this.out.write(`${plainLine(progress, this.style)}\n`);
  }

  end(): void {
    if (this.running) this.out.write('\n');
    this.running = false;
  }

  around(write: () => void): void {
    write();
  }
}
