/** The command line of the bench. Pure. */
import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Names of measures; undefined: all. */
  readonly only: readonly string[] | undefined;
  readonly seconds: number;
  readonly repeats: number;
  /** Idle sockets of a contender; the other socket rows take their part or their multiple of it. */
  readonly sockets: number;
  /** Where artillery is installed already; undefined: into a folder of this bench. */
  readonly artillery: string | undefined;
  /** A complete run with the standard times, which alone may write the page. */
  readonly isStandard: boolean;
}

export const standard = { connections: 50, seconds: 10, repeats: 5, sockets: 10_000 } as const;

/** Errors: Error for an unknown flag, an unknown name after --only, or a number below 1. */
export function parseOptions(words: readonly string[], names: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...words],
    options: {
      only: { type: 'string' },
      seconds: { type: 'string', default: `${standard.seconds}` },
      repeats: { type: 'string', default: `${standard.repeats}` },
      sockets: { type: 'string', default: `${standard.sockets}` },
      artillery: { type: 'string' },
    },
  });
  const only = values.only?.split(',').map((name) => name.trim());
  const unknown = only?.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`--only knows no '${unknown}', but ${names.join(', ')}`);
  const [seconds, repeats] = [wholeNumber('--seconds', values.seconds), wholeNumber('--repeats', values.repeats)];
  const sockets = wholeNumber('--sockets', values.sockets);
  const isStandardSize = seconds === standard.seconds && repeats === standard.repeats && sockets === standard.sockets;
  const isStandard = only === undefined && isStandardSize;
  return { only, seconds, repeats, sockets, artillery: values.artillery, isStandard };
}

function wholeNumber(flag: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new Error(`${flag} is '${text}', expected a whole number from 1`);
}
