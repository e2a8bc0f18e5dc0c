/**
 * llhttp as it comes with undici 7 (WebAssembly), with no lenient flag set: that is how undici runs it, too.
 * The set-up follows undici's `lib/dispatcher/client-h1.js`.
 */
import { createRequire } from 'node:module';
import { fieldsText } from './outcome.ts';
import type { Outcome } from './outcome.ts';

const RESPONSE = 2;
const OK = 0;
const PAUSED = 21;
const PAUSED_UPGRADE = 22;
/** What `on_headers_complete` may answer. */
const SKIP_BODY = 1;
const SKIP_BODY_AND_UPGRADE = 2;

interface LlhttpExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly _initialize: () => void;
  readonly llhttp_alloc: (type: number) => number;
  readonly llhttp_reset: (parser: number) => void;
  readonly llhttp_execute: (parser: number, data: number, length: number) => number;
  readonly llhttp_finish: (parser: number) => number;
  readonly llhttp_get_error_pos: (parser: number) => number;
  readonly llhttp_get_error_reason: (parser: number) => number;
  readonly malloc: (bytes: number) => number;
}

type Callback = (parser: number, first: number, second: number, third: number) => number;

/** The little of WebAssembly that is needed here: the types of Node leave it out. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: { readonly env: Readonly<Record<string, Callback>> },
  ) => { readonly exports: LlhttpExports };
}

const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

const longestAnswer = 1 << 20;

/** One llhttp parser, used again for each answer. */
export class LlhttpOracle {
  readonly #llhttp: LlhttpExports;
  readonly #parser: number;
  readonly #data: number;
  #method = 'GET';
  #status = 0;
  #body = '';
  #keepAlive = false;
  #done = false;
  #informational: number[] = [];
  /** Names and values in turn: of the head, and then of the trailers. */
  #headers: string[] = [];
  #trailers: string[] = [];

  constructor() {
    const wasm = createRequire(import.meta.url)('undici/lib/llhttp/llhttp-wasm.js') as Buffer;
    const nothing = (): number => 0;
    const { exports } = new Instance(new Module(new Uint8Array(wasm)), {
      env: {
        wasm_on_message_begin: nothing,
        wasm_on_url: nothing,
        wasm_on_status: nothing,
        wasm_on_header_field: (_: number, at: number, length: number) => this.#onName(this.#text(at, length)),
        wasm_on_header_value: (_: number, at: number, length: number) => this.#onValue(this.#text(at, length)),
        wasm_on_headers_complete: (_: number, status: number, _upgrade: number, keepAlive: number) =>
          this.#onHead(status, keepAlive !== 0),
        wasm_on_body: (_: number, at: number, length: number) => {
          if (!this.#isInformational()) this.#body += this.#text(at, length);
          return OK;
        },
        wasm_on_message_complete: () => this.#onMessage(),
      },
    });
    this.#llhttp = exports;
    this.#llhttp._initialize();
    this.#parser = this.#llhttp.llhttp_alloc(RESPONSE);
    this.#data = this.#llhttp.malloc(longestAnswer);
  }

  /** Feeds `bytes` in pieces that end at `splits` (rising). */
  run(method: string, bytes: Uint8Array, splits: readonly number[]): Outcome {
    const llhttp = this.#llhttp;
    if (bytes.length > longestAnswer) throw new RangeError('the answer is longer than the memory set aside for it');
    new Uint8Array(llhttp.memory.buffer, this.#data, bytes.length).set(bytes);
    llhttp.llhttp_reset(this.#parser);
    this.#method = method;
    this.#status = 0;
    this.#body = '';
    this.#keepAlive = false;
    this.#done = false;
    this.#informational = [];
    this.#headers = [];
    this.#trailers = [];
    let from = 0;
    for (const to of [...splits, bytes.length]) {
      const error = llhttp.llhttp_execute(this.#parser, this.#data + from, to - from);
      if (error !== OK) {
        const consumed = llhttp.llhttp_get_error_pos(this.#parser) - this.#data;
        return error === PAUSED || error === PAUSED_UPGRADE
          ? this.#outcome(this.#isUpgrade() ? 'upgrade' : 'complete', consumed)
          : this.#outcome('error', consumed, this.#reason());
      }
      from = to;
    }
    llhttp.llhttp_finish(this.#parser);
    return this.#outcome(this.#isDone() ? 'complete' : 'incomplete', bytes.length);
  }

  #outcome(verdict: Outcome['verdict'], consumed: number, reason = ''): Outcome {
    return {
      verdict,
      status: this.#isInformational() ? 0 : this.#status,
      body: this.#body,
      consumed,
      keepAlive: this.#keepAlive,
      informational: this.#informational,
      fields: this.#isFinal() ? fieldsText(record(this.#headers), record(this.#trailers)) : '',
      reason,
    };
  }

  #onHead(status: number, keepAlive: boolean): number {
    this.#status = status;
    this.#keepAlive = keepAlive;
    if (this.#method === 'CONNECT' && status >= 200 && status < 300) return SKIP_BODY_AND_UPGRADE;
    return this.#method === 'HEAD' && status >= 200 ? SKIP_BODY : OK;
  }

  /** A name or a value may come in several pieces; an empty value is said, too, so the two alternate. */
  #onName(piece: string): number {
    const list = this.#fields();
    if (list.length % 2 === 1) list.push(list.pop()! + piece);
    else list.push(piece);
    return OK;
  }

  #onValue(piece: string): number {
    const list = this.#fields();
    if (list.length % 2 === 0) list.push(list.pop()! + piece);
    else list.push(piece);
    return OK;
  }

  #fields(): string[] {
    return this.#status === 0 ? this.#headers : this.#trailers;
  }

  /** To llhttp a 1xx is an answer like any other; to a client it comes before the answer. */
  #onMessage(): number {
    if (this.#isInformational()) {
      this.#informational.push(this.#status);
      this.#status = 0;
      this.#headers = [];
      this.#trailers = [];
      return OK;
    }
    this.#done = true;
    return PAUSED;
  }

  #isInformational(): boolean {
    return this.#status >= 100 && this.#status < 200 && this.#status !== 101;
  }

  #isDone(): boolean {
    return this.#done;
  }

  #isFinal(): boolean {
    return this.#status !== 0 && !this.#isInformational();
  }

  #isUpgrade(): boolean {
    return this.#status === 101 || (this.#method === 'CONNECT' && this.#status >= 200 && this.#status < 300);
  }

  #text(at: number, length: number): string {
    return Buffer.from(this.#llhttp.memory.buffer, at, length).toString('latin1');
  }

  #reason(): string {
    const at = this.#llhttp.llhttp_get_error_reason(this.#parser);
    const bytes = new Uint8Array(this.#llhttp.memory.buffer, at, 200);
    return this.#text(at, bytes.indexOf(0));
  }
}

function record(namesAndValues: readonly string[]): Record<string, string> {
  const fields = Object.create(null) as Record<string, string>;
  for (let index = 0; index + 1 < namesAndValues.length; index += 2) {
    const name = namesAndValues[index]!.toLowerCase();
    const value = namesAndValues[index + 1]!.replace(/[ \t]+$/, '');
    const separator = name === 'set-cookie' ? '\n' : ', ';
    fields[name] = name in fields ? fields[name]! + separator + value : value;
  }
  return fields;
}
