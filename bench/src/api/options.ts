/** The command line of `npm run bench:api`. Pure. */
import { parseArgs } from 'node:util';

const parts = ['http', 'sockets'] as const;
export type Part = (typeof parts)[number];

export interface Times {
  readonly repeats: number;
  readonly seconds: number;
  readonly memorySeconds: number;
}

export interface ApiBenchOptions {
  /** Each has its place in the guide, and leaves that of the other as it is. */
  readonly parts: readonly Part[];
  readonly times: Times;
  /** With the standard times, which alone may write the guide. */
  readonly isStandard: boolean;
}

const standard: Times = { repeats: 5, seconds: 5, memorySeconds: 600 };

/** Errors: Error for an unknown flag or part, or a number below 1. */
export function parseApiOptions(words: readonly string[]): ApiBenchOptions {
  const { values } = parseArgs({
    args: [...words],
    options: {
      only: { type: 'string' },
      repeats: { type: 'string', default: `${standard.repeats}` },
      seconds: { type: 'string', default: `${standard.seconds}` },
      'memory-seconds': { type: 'string', default: `${standard.memorySeconds}` },
    },
  });
  const times: Times = {
    repeats: wholeNumber('--repeats', values.repeats),
    seconds: wholeNumber('--seconds', values.seconds),
    memorySeconds: wholeNumber('--memory-seconds', values['memory-seconds']),
  };
  const isStandard = Object.entries(standard).every(([name, value]) => times[name as keyof Times] === value);
  return { parts: partsOf(values.only), times, isStandard };
}

function partsOf(only: string | undefined): readonly Part[] {
  if (only === undefined) return parts;
  const part = parts.find((each) => each === only);
  if (part === undefined) throw new Error(`--only knows no '${only}', but ${parts.join(', ')}`);
  return [part];
}

function wholeNumber(flag: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new Error(`${flag} is '${text}', expected a whole number from 1`);
}
