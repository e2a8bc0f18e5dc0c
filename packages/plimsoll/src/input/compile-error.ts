/** What a compiler has to say about a user's file, put so that the place is the first thing seen. */
import type { Message } from 'esbuild';
import { TestFileError } from '../kernel/errors.ts';

const mostShown = 5;

export function compileError(messages: readonly Message[]): TestFileError {
  const shown = messages.slice(0, mostShown).map(describe);
  if (messages.length > mostShown) shown.push(`and ${messages.length - mostShown} more`);
  const files = new Set(messages.map((message) => message.location?.file ?? ''));
  const [file] = files;
  const subject = files.size === 1 && file ? `${file} does not compile` : 'the test files do not compile';
  return new TestFileError(`${subject}\n\n${shown.join('\n\n')}`);
}

/**
 *     loadtests/a.load.ts:3:9  Expected ";" but found "b"
 *         let a b;
 *               ^
 */
function describe({ text, location }: Message): string {
  if (!location) return `  ${text}`;
  const indented = location.lineText.replaceAll('\t', ' ');
  const caret = `${' '.repeat(location.column)}${'^'.repeat(Math.max(1, Math.min(location.length, 60)))}`;
  const place = `${location.file}:${location.line}:${location.column + 1}`;
  return `  ${place}  ${text}\n      ${indented}\n      ${caret}`;
}
