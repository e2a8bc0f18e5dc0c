/** `result.json` as text. */
import type { RunResult } from '../model/result.ts';

export function renderJson(result: RunResult): string {
  return `${JSON.stringify(result, null, 2)}\n`;
}
