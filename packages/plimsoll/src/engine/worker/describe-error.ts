/** An error of the user's code as data: message, source-mapped stack, and the place that is theirs. */
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { PlimsollError } from '../../kernel/errors.ts';
import type { ReportedError } from '../channel.ts';

export function describeError(error: unknown): ReportedError {
  if (!(error instanceof Error)) {
    const thrown = typeof error === 'string' ? error : inspect(error, { depth: 2, breakLength: Infinity });
    return { name: 'Error', message: `threw ${thrown}`, code: '', hint: '', stack: '', place: '' };
  }
  const stack = cleanStack(error.stack ?? '');
  const code = error instanceof PlimsollError ? error.code : '';
  const hint = error instanceof PlimsollError ? (error.hint ?? '') : '';
  return { name: error.name, message: error.message, code, hint, stack, place: placeIn(stack) };
}

/** This package, whether built or not; a user's folder may have the same name. */
const ownFolder = fileURLToPath(import.meta.url).replace(/(?<=[\\/])(dist|src)[\\/](?!.*[\\/](dist|src)[\\/]).*$/, '');

function isOwnFrame(line: string): boolean {
  return line.includes(`${ownFolder}dist/`) || line.includes(`${ownFolder}src/`);
}

/** Without the frames of Node and of plimsoll itself, which tell the user nothing. */
function cleanStack(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => !(/^\s+at /.test(line) && (/node:internal|\(native\)/.test(line) || isOwnFrame(line))))
    .join('\n');
}

/** 'file.ts:14:9' of the first frame that the user wrote, else of the first one at all; relative where possible. */
function placeIn(stack: string): string {
  let elsewhere = '';
  for (const line of stack.split('\n')) {
    const place = /^\s+at (?:.*\(|async )?(?:file:\/\/)?([^()]+:\d+:\d+)\)?$/.exec(line)?.[1];
    if (place === undefined) continue;
    if (!isForeign(place)) return relative(place);
    elsewhere ||= relative(place);
  }
  return elsewhere;
}

/** Of Node or of an installed package: where it happened, but not where it can be mended. */
function isForeign(place: string): boolean {
  return place.startsWith('node:') || /[\\/]node_modules[\\/]/.test(place);
}

function relative(path: string): string {
  const root = `${process.cwd().replaceAll('\\', '/')}/`;
  return path.startsWith(root) ? path.slice(root.length) : path;
}
