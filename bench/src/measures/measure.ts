/** What one part of the bench needs, and what it gives. */
import type { Compared, Row } from '../goal.ts';
import type { Target } from '../nginx.ts';
import type { Scratch } from '../scratch.ts';

export interface Circumstances {
  readonly target: Target;
  readonly scratch: Scratch;
  readonly connections: number;
  /** Of a contender's run; the other measures scale their own times with it. Standard: 10. */
  readonly seconds: number;
  readonly repeats: number;
  /** Idle sockets of a client; the other socket rows take their part or their multiple of it. Standard: 10,000. */
  readonly sockets: number;
  readonly say: (line: string) => void;
}

/** A measure beside the alternation. It may throw: its rows are then listed as not measured, with the message. */
export interface Measure {
  readonly name: string;
  /** The lines of the table that it fills, with their goals; `measure` gives a value and a note for each, in order. */
  readonly rows: readonly Pick<Row, 'measure' | 'goal' | 'unit'>[];
  measure(circumstances: Circumstances): Promise<readonly Reading[]>;
}

export interface Reading {
  readonly value: number;
  readonly note: string;
  readonly compared?: readonly Compared[];
}
