/** The opening handshake of a client (RFC 6455, section 4): what is asked, and whether the answer may be believed. */
import { builtIn } from '../../kernel/built-in.ts';
import { TestFileError } from '../../kernel/errors.ts';
import { HeadTemplate, type Headers } from '../http1/request-head.ts';
import type { ResponseHead } from '../http1/response-head.ts';
import { acceptTerms, offerOf, type DeflateOffer, type DeflateTerms } from './permessage-deflate.ts';

export interface HandshakeRequest {
  /** Path and query. */
  readonly path: string;
  /** As in `Origin.hostHeader`. */
  readonly hostHeader: string;
  readonly headers: Headers;
  /** 'a=1; b=2'; '' for none. */
  readonly cookie: string;
  readonly protocols: readonly string[];
  /** undefined: compression is not offered. */
  readonly deflate: DeflateOffer | undefined;
}

export interface HandshakeTerms {
  /** '' where none was agreed. */
  readonly protocol: string;
  /** undefined: nothing is compressed. */
  readonly deflate: DeflateTerms | undefined;
}

/** RFC 6455, section 1.3. */
const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** Ours alone: a second opinion on them would be another handshake. */
const reserved = new Set([
  'connection',
  'upgrade',
  'sec-websocket-key',
  'sec-websocket-version',
  'sec-websocket-extensions',
  'sec-websocket-protocol',
]);
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** What was asked last, as it is written but for the key: of thousands of sockets most ask alike. */
let last: { readonly request: HandshakeRequest; readonly head: string } | undefined;

/** Errors: TestFileError when a header, path or subprotocol cannot be sent. */
export function requestText(request: HandshakeRequest, key: string): string {
  if (last === undefined || !asksAlike(last.request, request))
    last = { request: copyOf(request), head: headOf(request) };
  return `${last.head}sec-websocket-key: ${key}\r\n\r\n`;
}

/** The lists are the test's own, which may write other values into them. */
function copyOf({ path, hostHeader, headers, cookie, protocols, deflate }: HandshakeRequest): HandshakeRequest {
  return { path, hostHeader, headers: { ...headers }, cookie, protocols: [...protocols], deflate };
}

function asksAlike(one: HandshakeRequest, other: HandshakeRequest): boolean {
  return (
    one.path === other.path &&
    one.hostHeader === other.hostHeader &&
    one.cookie === other.cookie &&
    sameTexts(one.protocols, other.protocols) &&
    sameHeaders(one.headers, other.headers) &&
    offersAlike(one.deflate, other.deflate)
  );
}

function offersAlike(one: DeflateOffer | undefined, other: DeflateOffer | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return offerOf(one) === offerOf(other);
}

function sameHeaders(some: Headers, others: Headers): boolean {
  const names = Object.keys(some);
  return sameTexts(names, Object.keys(others)) && names.every((name) => some[name] === others[name]);
}

function sameTexts(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((text, at) => text === others[at]);
}

/** All lines but that of the key, and of the empty one at the end. */
function headOf(request: HandshakeRequest): string {
  const { protocols, deflate } = request;
  for (const name of Object.keys(request.headers)) {
    if (!reserved.has(name.toLowerCase())) continue;
    throw new TestFileError(`the header '${name}' belongs to the WebSocket handshake`, {
      hint: 'leave it out; subprotocols are the option `protocols`, compression is `compress`',
    });
  }
  for (const [at, protocol] of protocols.entries()) {
    if (token.test(protocol) && protocols.indexOf(protocol) === at) continue;
    throw new TestFileError(`'${protocol}' cannot be a WebSocket subprotocol, or is named twice`, {
      hint: 'write each name once, in letters, digits and -._~',
    });
  }
  const own: Record<string, string> = {
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-version': '13',
  };
  if (protocols.length > 0) own['sec-websocket-protocol'] = protocols.join(', ');
  if (deflate !== undefined) own['sec-websocket-extensions'] = offerOf(deflate);
  const template = new HeadTemplate(request.hostHeader, [request.headers, own]);
  return template.render({ method: 'GET', path: request.path, cookie: request.cookie }).slice(0, -'\r\n'.length);
}

function acceptOf(key: string): string {
  // In one step: a hash object for each connection would have to be collected, too.
  return builtIn.crypto().hash('sha1', key + guid, 'base64');
}

/** Whether a 101 keeps to what was asked (section 4.1). Errors: a sentence of what it breaks. */
export function checkAnswer(head: ResponseHead, key: string, request: HandshakeRequest): HandshakeTerms {
  const { upgrade, connection, accept, protocol, extensions } = answerFields(head);
  if (upgrade?.toLowerCase() !== 'websocket') throw new Error("its 'upgrade' is not 'websocket'");
  const options = (connection ?? '').toLowerCase().split(',');
  if (!options.some((each) => each.trim() === 'upgrade')) throw new Error("its 'connection' is not 'upgrade'");
  if (accept?.trim() !== acceptOf(key)) throw new Error("its 'sec-websocket-accept' does not answer our key");
  if (protocol !== undefined && !request.protocols.includes(protocol)) {
    throw new Error(`it chose the subprotocol '${protocol}', which was not offered`);
  }
  return { protocol: protocol ?? '', deflate: deflateOf(extensions, request.deflate) };
}

interface AnswerFields {
  upgrade: string | undefined;
  connection: string | undefined;
  accept: string | undefined;
  protocol: string | undefined;
  extensions: string | undefined;
}

const fieldNames: ReadonlyMap<string, keyof AnswerFields> = new Map([
  ['upgrade', 'upgrade'],
  ['connection', 'connection'],
  ['sec-websocket-accept', 'accept'],
  ['sec-websocket-protocol', 'protocol'],
  ['sec-websocket-extensions', 'extensions'],
]);

/** Of fields that are repeated, all values. The head is kept as long as the connection, and a record of its fields would be. */
function answerFields(head: ResponseHead): AnswerFields {
  const fields: AnswerFields = {
    upgrade: undefined,
    connection: undefined,
    accept: undefined,
    protocol: undefined,
    extensions: undefined,
  };
  head.eachHeader((name, value) => {
    const field = fieldNames.get(name);
    if (field === undefined) return;
    const before = fields[field];
    fields[field] = before === undefined ? value : `${before}, ${value}`;
  });
  return fields;
}

function deflateOf(header: string | undefined, offer: DeflateOffer | undefined): DeflateTerms | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  const extensions = parseExtensions(header);
  const [first] = extensions;
  if (first === undefined || extensions.length > 1 || first.name !== 'permessage-deflate' || offer === undefined) {
    throw new Error(`it chose the extension '${header}', which was not offered`);
  }
  try {
    return acceptTerms(first.parameters, offer);
  } catch (error) {
    throw new Error(`its terms of compression are not valid: ${(error as Error).message}`, { cause: error });
  }
}

interface Extension {
  readonly name: string;
  readonly parameters: readonly (readonly [string, string | undefined])[];
}

/** Section 9.1; a quoted value must be a token all the same, so no separator hides in it. */
function parseExtensions(header: string): readonly Extension[] {
  return header.split(',').map((text) => {
    const [name = '', ...rest] = text.split(';').map((part) => part.trim());
    const parameters = rest.map((part): readonly [string, string | undefined] => {
      const equals = part.indexOf('=');
      if (equals < 0) return [part.toLowerCase(), undefined];
      const value = part.slice(equals + 1).trim();
      return [part.slice(0, equals).trim().toLowerCase(), /^".*"$/.test(value) ? value.slice(1, -1) : value];
    });
    return { name: name.toLowerCase(), parameters };
  });
}
