/** Values of options, from text to numbers. Errors: UsageError, one sentence with the option's name. */
import { isIP } from 'node:net';
import { PlimsollError, UsageError } from '../kernel/errors.ts';
import { parseDurationMs, parseRatePerSecond } from '../kernel/units.ts';

type Parse<T> = (text: string) => T;

/** A whole number from `least`. Digits may be grouped: 10_000. */
export function wholeNumber(option: string, least = 1): Parse<number> {
  return (text) => {
    const digits = text.replaceAll('_', '');
    const value = /^\d+$/.test(digits) ? Number(digits) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= least) return value;
    throw new UsageError(`${option}: '${text}' is not a whole number from ${least}`);
  };
}

export function duration(option: string): Parse<number> {
  return (text) => {
    // A bare number on the command line is taken for seconds by some tools and for milliseconds by others.
    if (/^\d+(\.\d+)?$/.test(text)) {
      throw new UsageError(`${option}: '${text}' has no unit`, { hint: `write ${text}s or ${text}ms` });
    }
    return positive(
      option,
      text,
      naming(option, () => parseDurationMs(text)),
    );
  };
}

export function rate(option: string): Parse<number> {
  return (text) =>
    positive(
      option,
      text,
      naming(option, () => parseRatePerSecond(text)),
    );
}

function positive(option: string, text: string, value: number): number {
  if (value > 0) return value;
  throw new UsageError(`${option}: '${text}' has to be more than 0`);
}

function naming<T>(option: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof PlimsollError)) throw error;
    throw new UsageError(`${option}: ${error.message}`, error.hint === undefined ? {} : { hint: error.hint });
  }
}

/** For options that may be given several times. */
export function collected(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

/** For options that take a list, 'a,b', and may be given several times. */
export function list(text: string, before: readonly string[] = []): string[] {
  return [...before, ...text.split(',').filter((part) => part !== '')];
}

/** IP addresses, as `list` takes them. */
export function addresses(option: string): (text: string, before?: readonly string[]) => string[] {
  return (text, before) => {
    const all = list(text, before);
    const wrong = all.find((address) => isIP(address) === 0);
    if (wrong === undefined) return all;
    throw new UsageError(`${option}: '${wrong}' is not an IP address`, { hint: "write one of this machine's own" });
  };
}

/** `Name: value` lines, as curl takes them → headers. */
export function headers(lines: readonly string[]): Record<string, string> {
  const entries = lines.map((line): [string, string] => {
    const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):\s*(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) return [name, value.trim()];
    throw new UsageError(`-H: '${line}' is not a header`, { hint: "write -H 'name: value'" });
  });
  return Object.fromEntries(entries);
}
