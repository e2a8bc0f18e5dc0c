/** Somebody who makes the requests: this tool in one of its ways, or a peer. */
import type { Command, Finished } from '../processes.ts';

export type ContenderName =
  | 'quick'
  | 'quick-2-workers'
  | 'scripted'
  | 'scripted-2-workers'
  | 'scripted-post'
  | 'wrk'
  | 'ab'
  | 'h2load'
  | 'hey'
  | 'autocannon'
  | 'artillery'
  | 'undici-dispatch'
  | 'undici-post';

/** What all contenders are asked to do. */
export interface Assignment {
  readonly origin: string;
  readonly fileUrl: string;
  readonly ordersUrl: string;
  readonly connections: number;
  readonly seconds: number;
  /** An empty folder of the contender's own, where it may leave what it writes. */
  readonly folder: string;
}

export interface Contender {
  readonly name: ContenderName;
  /** As the tables call it. */
  readonly title: string;
  readonly method: 'GET' | 'POST';
  /** What the tool says of itself. Errors: it is not there; the message says how to get it. */
  version(): Promise<string>;
  command(assignment: Assignment): Command;
  /** Requests with a complete and right answer. Errors: the output does not tell, or the contender failed. */
  completed(run: Finished, assignment: Assignment): number;
}
