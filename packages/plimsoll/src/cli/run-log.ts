/** What tests and tool say, from the moment the session exists: lines that nobody listened to yet are kept. */
import type { LogLine } from '../engine/session.ts';

export interface LogListener {
  line(line: LogLine): void;
  problem(message: string): void;
  /** What the service under test printed. */
  service(text: string): void;
}

export class RunLog {
  private waiting: ((listener: LogListener) => void)[] = [];
  private listener: LogListener | undefined;

  /** As `createLocalSession` wants it. */
  readonly events = {
    onLog: (line: LogLine): void => this.tell((listener) => listener.line(line)),
    onProblem: (message: string): void => this.tell((listener) => listener.problem(message)),
    onServiceLine: (text: string): void => this.tell((listener) => listener.service(text)),
  };

  listen(listener: LogListener): void {
    this.listener = listener;
    const { waiting } = this;
    this.waiting = [];
    for (const tell of waiting) tell(listener);
  }

  private tell(what: (listener: LogListener) => void): void {
    if (this.listener) what(this.listener);
    else this.waiting.push(what);
  }
}
