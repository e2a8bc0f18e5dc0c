/** One hand-written answer and what RFC 9112 and the house's strictness make of it. */
import type { ProtocolFaultCode } from '../../src/protocol/http1/protocol-fault.ts';

export type Verdict = 'complete' | 'upgrade' | 'incomplete' | 'error';

export interface ResponseCase {
  readonly name: string;
  readonly method: string;
  /** What the peer sends before it closes, as latin1. */
  readonly text: string;
  readonly verdict: Verdict;
  /** For the verdict 'error'. */
  readonly fault?: ProtocolFaultCode;
  readonly status?: number;
  readonly body?: string;
  /** What must be left unread behind the answer. */
  readonly rest?: string;
  readonly keepAlive?: boolean;
  readonly trailers?: Readonly<Record<string, string>>;
  /** Status codes of the 1xx answers before the final one. */
  readonly informational?: readonly number[];
  /** Header values that must come out so. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The name of the difference from llhttp that this case shows (llhttp-differences.ts). */
  readonly differs?: string;
}

type Expected = Partial<Omit<ResponseCase, 'name' | 'text' | 'verdict' | 'fault'>>;

/** Lines, each ended by CRLF, and the blank line. */
export function head(...lines: readonly string[]): string {
  return lines.map((line) => `${line}\r\n`).join('') + '\r\n';
}

/** A chunked 200 with this after the head. */
export function chunked(rest: string): string {
  return head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked') + rest;
}

/** A 200 with a body of two bytes and these header lines before its Content-Length. */
export function withHeaders(...lines: readonly string[]): string {
  return head('HTTP/1.1 200 OK', ...lines, 'Content-Length: 2') + 'ok';
}

/** The answer is whole; status 200 and an empty rest unless said otherwise. */
export function whole(name: string, text: string, expected: Expected = {}): ResponseCase {
  return { method: 'GET', status: 200, rest: '', ...expected, name, text, verdict: 'complete' };
}

/** The connection changes its protocol. */
export function upgraded(name: string, text: string, expected: Expected = {}): ResponseCase {
  return { method: 'GET', keepAlive: false, ...expected, name, text, verdict: 'upgrade' };
}

/** The peer closes too early. */
export function cut(name: string, text: string, expected: Expected = {}): ResponseCase {
  return { method: 'GET', ...expected, name, text, verdict: 'incomplete' };
}

/** The answer breaks the protocol. */
export function broken(name: string, text: string, fault: ProtocolFaultCode, expected: Expected = {}): ResponseCase {
  return { method: 'GET', ...expected, name, text, verdict: 'error', fault };
}
