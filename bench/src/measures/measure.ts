/** What one part of the bench needs, and what it gives. */
import { messageOf } from '../alternation.ts';
import type { Compared, Row } from '../goal.ts';
import type { Target } from '../nginx.ts';
import type { Scratch } from '../scratch.ts';
import type { Undisturbed } from '../undisturbed.ts';

export interface Circumstances {
  readonly scratch: Scratch;
  /** Of a contender's run; the other measures scale their own times with it. Standard: 10. */
  readonly seconds: number;
  readonly repeats: number;
  readonly say: (line: string) => void;
  /** For runs whose figures are compared with those of other runs. */
  readonly undisturbed: Undisturbed;
}

export interface HttpCircumstances extends Circumstances {
  readonly target: Target;
  readonly connections: number;
}

export interface SocketCircumstances extends Circumstances {
  /** Idle sockets of a client; the other socket rows take their part or their multiple of it. Standard: 10,000. */
  readonly sockets: number;
}

/** A measure beside the alternation. It may throw: its rows are then listed as not measured, with the message. */
export interface Measure<Needs extends Circumstances> {
  readonly name: string;
  /** The lines of the table that it fills, with their goals; `measure` gives a value and a note for each, in order. */
  readonly rows: readonly Pick<Row, 'measure' | 'goal' | 'unit'>[];
  measure(circumstances: Needs): Promise<readonly Reading[]>;
}

export type HttpMeasure = Measure<HttpCircumstances>;
export type SocketMeasure = Measure<SocketCircumstances>;

export interface Reading {
  readonly value: number;
  readonly note: string;
  readonly compared?: readonly Compared[];
}

/** The rows of the measures that are wanted, in their order; of one that fails they say why. */
export async function rowsOf<Needs extends Circumstances>(
  measures: readonly Measure<Needs>[],
  wanted: readonly string[],
  circumstances: Needs,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const measure of measures.filter(({ name }) => wanted.includes(name))) {
    circumstances.say(`measuring: ${measure.name}`);
    try {
      const readings = await measure.measure(circumstances);
      rows.push(...measure.rows.map((row, index) => ({ ...row, ...readings[index]! })));
    } catch (error) {
      circumstances.say(`${measure.name}: ${messageOf(error)}`);
      rows.push(...measure.rows.map((row) => ({ ...row, missing: messageOf(error) })));
    }
  }
  return rows;
}
