/** Progress on a terminal: one line that is drawn over itself. Whatever else is written moves it down. */
import type { createLogUpdate } from 'log-update';
import { liveLine } from './live-line.ts';
import type { Progress } from './progress.ts';
import type { ProgressView } from './plain-progress.ts';
import type { Sink } from './reporter.ts';
import type { TerminalStyle } from './terminal-style.ts';

export class LiveProgress implements ProgressView {
  /** Resolves when the line can be drawn. */
  readonly ready: Promise<void>;
  private readonly style: () => TerminalStyle;
  private draw: ReturnType<typeof createLogUpdate> | undefined;
  private line = '';

  /** @param style asked each time: a terminal may be resized */
  constructor(out: Sink, style: () => TerminalStyle) {
    this.style = style;
    this.ready = this.load(out);
  }

  start(test: { readonly name: string }): void {
    const style = this.style();
    this.show(`${style.bold(style.clean(test.name))}  ${style.dim('starting')}`);
  }

  second(progress: Progress): void {
    this.show(liveLine(progress, this.style()));
  }

  end(): void {
    this.line = '';
    this.draw?.clear();
  }

  /** Lets `write` write above the line. */
  around(write: () => void): void {
    this.draw?.clear();
    write();
    if (this.line !== '') this.draw?.(this.line);
  }

  private show(line: string): void {
    this.line = line;
    this.draw?.(line);
  }

  private async load(out: Sink): Promise<void> {
    // Only a terminal pays for it, and only once the run is on its way.
    const { createLogUpdate: create } = await import('log-update');
    const stream = {
      isTTY: true,
      get columns() {
        return out.columns;
      },
      write: (text: string) => {
        out.write(text);
        return true;
      },
    };
    // A hidden cursor would stay hidden after kill -9.
    this.draw = create(stream as unknown as NodeJS.WritableStream, { showCursor: true });
    if (this.line !== '') this.draw(this.line);
  }
}
