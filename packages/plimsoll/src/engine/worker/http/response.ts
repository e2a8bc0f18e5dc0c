/** The answer as a test sees it. Nothing is decoded or parsed until it is asked for. */
import { PlimsollError, exitCodes } from '../../../kernel/errors.ts';
import type { HttpResponse, RequestError, RequestTimings } from '../../../model/suite.ts';
import { decodeBody } from '../../../protocol/http1/content-decoding.ts';
import type { ResponseHead } from '../../../protocol/http1/response-head.ts';
import type { SeriesRecord } from '../series-record.ts';

/** Ends an iteration: `.orThrow()` on a failed answer, or a body that is not what it should be. */
class ResponseError extends PlimsollError {
  readonly code = 'RESPONSE';
  readonly exitCode = exitCodes.failed;
}

const noHeaders: Readonly<Record<string, string>> = Object.freeze({});
const noBytes = new Uint8Array(0);
const decoder = new TextDecoder();
/** A body that unpacks to more than this is taken for a bomb. */
const mostDecodedBytes = 64 * 1024 * 1024;

export class Response implements HttpResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly url: string;
  readonly error: RequestError | undefined;
  readonly #head: ResponseHead | undefined;
  readonly #series: SeriesRecord;
  // A range of a shared chunk until somebody asks for the bytes.
  readonly #body: Uint8Array;
  readonly #start: number;
  readonly #end: number;
  readonly #dropped: boolean;
  readonly #doneMs: number;
  readonly #dueMs: number;
  readonly #issuedMs: number;
  readonly #sentMs: number;
  readonly #firstByteMs: number;
  #checkFailed = false;
  #decoded: Uint8Array | undefined;

  constructor(fields: ResponseFields) {
    this.ok = fields.ok;
    this.status = fields.status;
    this.url = fields.url;
    this.error = fields.ok ? undefined : { kind: fields.errorKind, message: fields.errorMessage };
    this.#head = fields.head;
    this.#series = fields.series;
    this.#body = fields.body ?? noBytes;
    this.#start = fields.start;
    this.#end = fields.end;
    this.#dropped = fields.dropped;
    this.#doneMs = fields.doneMs;
    this.#dueMs = fields.dueMs;
    this.#issuedMs = fields.issuedMs;
    this.#sentMs = fields.sentMs;
    this.#firstByteMs = fields.firstByteMs;
  }

  get timings(): RequestTimings {
    const sentMs = this.#sentMs > 0 ? this.#sentMs : this.#doneMs;
    return {
      latencyMs: this.#doneMs - this.#dueMs,
      serviceMs: this.#doneMs - sentMs,
      ttfbMs: this.#firstByteMs > 0 ? this.#firstByteMs - sentMs : 0,
      waitMs: sentMs - this.#issuedMs,
    };
  }

  header(name: string): string | undefined {
    return this.#head?.header(name);
  }

  get headers(): Readonly<Record<string, string>> {
    return this.#head?.headers() ?? noHeaders;
  }

  get bytes(): Uint8Array {
    if (this.#decoded) return this.#decoded;
    const raw = this.#body.subarray(this.#start, this.#end);
    const encoding = this.#head?.contentEncoding ?? '';
    if (this.#dropped) {
      throw new ResponseError(`the body of ${this.#series.name} was not kept`, {
        hint: 'it is above maxBodyBytes, or keepBody is false',
      });
    }
    if (encoding === '' || raw.length === 0) return (this.#decoded = raw);
    const result = decodeBody(raw, encoding, mostDecodedBytes);
    if (result.ok) return (this.#decoded = result.bytes);
    throw new ResponseError(`the body of ${this.#series.name} cannot be read: ${result.error.message}`);
  }

  text(): string {
    return decoder.decode(this.bytes);
  }

  json<T = unknown>(): T {
    const text = this.text();
    try {
      // The caller states the shape of its own service's answer; checks are how it is verified.
      return JSON.parse(text) as T;
    } catch (cause) {
      const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
      throw new ResponseError(
        `the body of ${this.#series.name} (status ${this.status}) is not JSON: ${shown || 'it is empty'}`,
        {
          cause,
        },
      );
    }
  }

  check(name: string, test: (response: HttpResponse) => boolean): boolean {
    if (!this.ok) return false;
    let passed = false;
    try {
      // Not every test file meets a compiler: a promise would pass whatever it becomes.
      const answer: unknown = test(this);
      passed = !(answer instanceof Promise) && Boolean(answer);
    } catch {
      // A throw is how a check on a missing field fails; the count by name says which.
    }
    this.#series.countCheck(name, passed);
    if (!passed && !this.#checkFailed) {
      this.#checkFailed = true;
      this.#series.checkFailed++;
    }
    return passed;
  }

  orThrow(): this {
    if (this.ok) return this;
    const { error } = this;
    throw new ResponseError(`${this.#series.name}: ${error?.message ?? `status ${this.status}`}`);
  }
}

/** An ended exchange, as the answer needs it. */
export interface ResponseFields {
  readonly ok: boolean;
  readonly status: number;
  readonly url: string;
  readonly errorKind: string;
  readonly errorMessage: string;
  readonly head: ResponseHead | undefined;
  readonly series: SeriesRecord;
  readonly body: Uint8Array | undefined;
  readonly start: number;
  readonly end: number;
  readonly dropped: boolean;
  readonly doneMs: number;
  readonly dueMs: number;
  readonly issuedMs: number;
  readonly sentMs: number;
  readonly firstByteMs: number;
}
