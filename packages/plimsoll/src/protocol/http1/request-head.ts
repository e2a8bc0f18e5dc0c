/** The head of a request as one latin1 string. Nothing a test writes can end a line or add one. */
import { TestFileError } from '../../kernel/errors.ts';
import { encodePath } from './path.ts';

export type Headers = Readonly<Record<string, string>>;

/** What differs from request to request. */
export interface RequestHead {
  readonly method: string;
  /** From '/'; percent-encoded here where it must be. */
  readonly path: string;
  /** Replace the template's, name by name. */
  readonly headers?: Headers | undefined;
  /** 'Basic …' or 'Bearer …'; replaces the template's, and gives way to `headers`. */
  readonly authorization?: string | undefined;
  /** 'a=1; b=2'; '' for none. Gives way to `headers`. */
  readonly cookie?: string;
  /** '' for none. It must not stand among `headers` or the template's own, too. */
  readonly traceparent?: string;
  /** Gives way to `headers`. */
  readonly contentType?: string | undefined;
  /** Of the body; -1: chunked; undefined: no body. */
  readonly bodyBytes?: number | undefined;
}

/** Methods whose missing body is announced as empty (RFC 9110, 8.6). */
const bodyMethods = new Set(['POST', 'PUT', 'PATCH']);
/** Set by us from the body alone: a second opinion about where a request ends is how requests are smuggled. */
const framing = new Set(['content-length', 'transfer-encoding']);

/**
 * What the requests of a test to one origin have in common, checked and written once.
 *
 * Hot path: without headers of its own a request costs a few string joins.
 */
export class HeadTemplate {
  readonly #hostHeader: string;
  readonly #headers: ReadonlyMap<string, string>;
  /** ' HTTP/1.1' and every fixed line. */
  readonly #tail: string;
  /** '' or, for a plain proxy, the origin that goes before the path (absolute-form). */
  readonly #pathPrefix: string;

  /**
   * @param hostHeader as in `Origin.hostHeader`; a `host` header replaces it
   * @param layers headers from the least to the most specific; a later one replaces an earlier one
   * @param pathPrefix 'http://host:port' for requests through a plain proxy, else ''
   */
  constructor(hostHeader: string, layers: readonly Headers[], pathPrefix = '') {
    const headers = new Map<string, string>();
    for (const layer of layers) {
      for (const name of Object.keys(layer)) addHeader(headers, name, layer[name]!);
    }
    this.#hostHeader = hostHeader;
    this.#headers = headers;
    this.#pathPrefix = pathPrefix;
    this.#tail = ` HTTP/1.1\r\n${this.#lines(headers)}`;
  }

  /** Errors: TestFileError when a name, value, method or path cannot be sent. */
  render(request: RequestHead): string {
    const { method, headers, authorization } = request;
    if (!methods.has(method)) checkMethod(method);
    const fixed = authorization === undefined && headers === undefined;
    const tail = fixed ? this.#tail : this.#mergedTail(headers, authorization);
    let own = '';
    if (request.cookie !== undefined && request.cookie !== '' && !this.#has('cookie', headers)) {
      own = `cookie: ${request.cookie}\r\n`;
    }
    if (request.contentType !== undefined && !this.#has('content-type', headers)) {
      own += `content-type: ${checkedValue('content-type', request.contentType)}\r\n`;
    }
    if (request.traceparent !== undefined && request.traceparent !== '') {
      own += `traceparent: ${request.traceparent}\r\n`;
    }
    return `${method} ${this.#pathPrefix}${encodePath(request.path)}${tail}${own}${bodyLine(request)}\r\n`;
  }

  #mergedTail(headers: Headers | undefined, authorization: string | undefined): string {
    const own = new Map<string, string>();
    if (authorization !== undefined) addHeader(own, 'authorization', authorization);
    for (const name of Object.keys(headers ?? {})) addHeader(own, name, headers![name]!);
    const replaces = own.has('host') || [...own.keys()].some((name) => this.#headers.has(name));
    if (replaces) return ` HTTP/1.1\r\n${this.#lines(new Map([...this.#headers, ...own]))}`;
    return this.#tail + linesOf(own);
  }

  /** Host first, as RFC 9110 recommends. */
  #lines(headers: ReadonlyMap<string, string>): string {
    return headers.has('host') ? linesOf(headers) : `host: ${this.#hostHeader}\r\n${linesOf(headers)}`;
  }

  #has(name: string, headers: Headers | undefined): boolean {
    if (this.#headers.has(name)) return true;
    return headers !== undefined && headerOf(headers, name) !== undefined;
  }
}

/** The value of a header in an object whose names may be in any case. */
export function headerOf(headers: Headers, name: string): string | undefined {
  const direct = headers[name];
  if (direct !== undefined) return direct;
  for (const key of Object.keys(headers)) {
    if (key.length === name.length && key.toLowerCase() === name) return headers[key];
  }
  return undefined;
}

function bodyLine({ method, bodyBytes }: RequestHead): string {
  if (bodyBytes === undefined) return bodyMethods.has(method) ? 'content-length: 0\r\n' : '';
  return bodyBytes < 0 ? 'transfer-encoding: chunked\r\n' : `content-length: ${bodyBytes}\r\n`;
}

function linesOf(headers: ReadonlyMap<string, string>): string {
  let lines = '';
  for (const [name, value] of headers) lines += `${name}: ${value}\r\n`;
  return lines;
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

function checkMethod(method: string): void {
  if (method === 'CONNECT') throw new TestFileError('the method CONNECT is for proxies and cannot be a request');
  if (!token.test(method))
    throw new TestFileError(`${quoted(method)} is not a method`, { hint: "write 'GET', 'POST', …" });
}

/** Header names as written → in lower case, checked. Bounded, for tests that make names up. */
const knownNames = new Map<string, string>();

function addHeader(headers: Map<string, string>, name: string, value: string): void {
  const lower = knownNames.get(name) ?? checkedName(name);
  // `content-length` from a test declares the length of a streamed body: `encodeBody` reads it, we write it.
  if (lower === 'content-length') return;
  headers.set(lower, checkedValue(name, value));
}

function checkedName(name: string): string {
  if (!token.test(name)) {
    throw new TestFileError(`${quoted(name)} is not a name of a header`, { hint: 'use letters, digits and hyphens' });
  }
  const lower = name.toLowerCase();
  if (framing.has(lower) && lower !== 'content-length') {
    throw new TestFileError(`the header ${lower} cannot be set`, { hint: 'plimsoll sets it from the body' });
  }
  if (knownNames.size < 1000) knownNames.set(name, lower);
  return lower;
}

const forbiddenInValue = /[^\t\x20-\x7e\x80-\xff]/;

function checkedValue(name: string, value: unknown): string {
  // Test files are not always checked by a compiler; 'undefined' on the wire would hide the mistake.
  if (typeof value !== 'string' && typeof value !== 'number') {
    throw new TestFileError(`the header ${name} has no value`, { hint: 'give it a text, or leave it out' });
  }
  const text = String(value);
  const found = forbiddenInValue.exec(text)?.[0];
  if (found === undefined) return text.trim();
  const [problem, hint] = found > '\xff' ? ['is not Latin-1', 'encode it'] : ['could end the line', 'remove it'];
  throw new TestFileError(`the value of the header ${name} contains ${quoted(found)}, which ${problem}`, { hint });
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
