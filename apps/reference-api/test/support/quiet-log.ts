/** A log that remembers what it was told. */
import type { Log } from '../../src/ports/log.ts';

export interface RememberingLog extends Log {
  readonly lines: string[];
}

export function rememberingLog(): RememberingLog {
  const lines: string[] = [];
  const tell =
    (level: string) =>
    (_details: object, message: string): void => {
      lines.push(`${level}: ${message}`);
    };
  return { lines, info: tell('info'), warn: tell('warn'), error: tell('error') };
}
