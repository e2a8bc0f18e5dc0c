/** The command line of the bench. Pure. */
import { parseArgs } from 'node:util';

/** The page is in two parts, which are measured and published each for itself. */
export const parts = ['http', 'sockets'] as const;
export type Part = (typeof parts)[number];

/** What `--only` may name: a part, or a measure of one. */
export type Catalogue = Readonly<Record<Part, readonly string[]>>;

export interface BenchOptions {
  /** The measures wanted, by part. */
  readonly wanted: Catalogue;
  readonly seconds: number;
  readonly repeats: number;
  /** Idle sockets of a client; the other socket rows take their part or their multiple of it. */
  readonly sockets: number;
  /** Where artillery is installed already; undefined: into a folder of this bench. */
  readonly artillery: string | undefined;
  /** The parts that are measured completely and at the standard size: these alone may be written. */
  readonly publishes: readonly Part[];
}

export const standard = { connections: 50, seconds: 10, repeats: 5, sockets: 10_000 } as const;

/** Errors: Error for an unknown flag, an unknown name after --only, or a number below 1. */
export function parseOptions(words: readonly string[], catalogue: Catalogue): BenchOptions {
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
  const known = [...parts, ...parts.flatMap((part) => catalogue[part])];
  const unknown = only?.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`--only knows no '${unknown}', but ${known.join(', ')}`);
  const wantedOf = (part: Part): readonly string[] =>
    only === undefined || only.includes(part) ? catalogue[part] : catalogue[part].filter((name) => only.includes(name));
  const wanted = { http: wantedOf('http'), sockets: wantedOf('sockets') };
  const size = {
    seconds: wholeNumber('--seconds', values.seconds),
    repeats: wholeNumber('--repeats', values.repeats),
    sockets: wholeNumber('--sockets', values.sockets),
  };
  const isStandard = size.seconds === standard.seconds && size.repeats === standard.repeats;
  const publishes = parts.filter(
    (part) =>
      isStandard &&
      wanted[part].length === catalogue[part].length &&
      (part !== 'sockets' || size.sockets === standard.sockets),
  );
  return { wanted, ...size, artillery: values.artillery, publishes };
}

function wholeNumber(flag: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new Error(`${flag} is '${text}', expected a whole number from 1`);
}
