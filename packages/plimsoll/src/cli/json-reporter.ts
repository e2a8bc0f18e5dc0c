/** `--json`: standard output holds the result and nothing else; everything that is said goes to standard error. */
import { renderJson } from '../report/json.ts';
import type { Reporter, Sink } from '../report/reporter.ts';
import { terminalReporter, type TerminalReporterOptions } from '../report/terminal-reporter.ts';

export function jsonReporter(options: TerminalReporterOptions): Reporter {
  const nowhere: Sink = { isTerminal: false, columns: 80, write: () => undefined };
  return {
    ...terminalReporter({ ...options, out: nowhere }),
    onRunEnd: (result) => options.out.write(renderJson(result)),
  };
}
