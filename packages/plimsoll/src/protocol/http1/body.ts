/** The body of a request: from what a test gives to bytes, their number and their type. */
import { TestFileError } from '../../kernel/errors.ts';
import { encodeMultipart } from './multipart.ts';
import type { MultipartPart } from './multipart.ts';

export type BodyStream = AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>;

export interface BodyOptions {
  readonly body?: string | Uint8Array | BodyStream | undefined;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string | number | boolean>> | undefined;
  readonly multipart?: readonly MultipartPart[] | undefined;
}

export interface EncodedBody {
  /** undefined for a raw body: its type is the test's to say. */
  readonly contentType: string | undefined;
  /** A string is sent as UTF-8; where `byteLength` equals its length it is ASCII and can go out with the head. */
  readonly payload: string | Uint8Array | BodyStream | undefined;
  /** -1: not known beforehand, sent chunked. 0 without a payload. */
  readonly byteLength: number;
}

export const noBody: EncodedBody = { contentType: undefined, payload: undefined, byteLength: 0 };

/**
 * @param random seeded, for the boundary of multipart bodies
 * @param declaredLength the test's own `content-length` header, if any: what a stream promises to be
 *
 * Errors: TestFileError for more than one body, one that cannot be encoded, or a declared length that is not true.
 */
export function encodeBody(options: BodyOptions, random: () => number, declaredLength?: string): EncodedBody {
  const encoded = encode(options, random);
  if (declaredLength === undefined) return encoded;
  const length = /^\d{1,15}$/.test(declaredLength.trim()) ? Number(declaredLength) : -1;
  if (length < 0) throw new TestFileError(`the content-length '${declaredLength}' is not a number of bytes`);
  if (encoded.byteLength === -1) return { ...encoded, byteLength: length };
  if (encoded.byteLength === length) return encoded;
  throw new TestFileError(`the content-length is ${length}, but the body has ${encoded.byteLength} bytes`, {
    hint: 'leave the header out',
  });
}

function encode(options: BodyOptions, random: () => number): EncodedBody {
  const { body, json, form, multipart } = options;
  const given = Number(body !== undefined) + Number(json !== undefined) + Number(form !== undefined);
  if (given + Number(multipart !== undefined) > 1) {
    throw new TestFileError('a request has one body', { hint: 'give only one of body, json, form and multipart' });
  }
  if (json !== undefined) return text(encodeJson(json), 'application/json');
  if (form !== undefined) return text(encodeForm(form), 'application/x-www-form-urlencoded');
  if (multipart !== undefined) {
    const { contentType, payload } = encodeMultipart(multipart, random);
    return { contentType, payload, byteLength: payload.byteLength };
  }
  return body === undefined ? noBody : raw(body);
}

function raw(body: string | Uint8Array | BodyStream): EncodedBody {
  if (typeof body === 'string') return text(body, undefined);
  if (body instanceof Uint8Array) return { contentType: undefined, payload: body, byteLength: body.byteLength };
  if (isStream(body)) return { contentType: undefined, payload: body, byteLength: -1 };
  throw new TestFileError(`a body of type ${typeof body} cannot be sent`, {
    hint: 'give a string, a Uint8Array or an iterable of them, or an object as `json`',
  });
}

function text(payload: string, contentType: string | undefined): EncodedBody {
  return { contentType, payload, byteLength: Buffer.byteLength(payload, 'utf8') };
}

function encodeJson(value: unknown): string {
  let json: string | undefined;
  try {
    json = stringify(value);
  } catch (cause) {
    throw new TestFileError(`the json body cannot be written as JSON: ${(cause as Error).message}`, { cause });
  }
  if (json !== undefined) return json;
  throw new TestFileError(`the json body is a ${typeof value}, which JSON has no word for`);
}

/** As JSON.stringify really is: undefined for functions, symbols and what `toJSON` leaves out. */
const stringify: (value: unknown) => string | undefined = JSON.stringify;

/** application/x-www-form-urlencoded as browsers write it. */
function encodeForm(form: Readonly<Record<string, string | number | boolean>>): string {
  const pairs = new URLSearchParams();
  for (const name of Object.keys(form)) pairs.append(name, String(form[name]));
  return pairs.toString();
}

function isStream(value: unknown): value is BodyStream {
  return typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value);
}

const lastChunk = Buffer.from('0\r\n\r\n', 'latin1');

/**
 * A streamed body as it goes over the wire: framed as chunks when `byteLength` is -1, else checked against it.
 *
 * Errors: a TestFileError when the stream gives anything but bytes and text, or not as many as declared; what the
 * stream itself throws. Either way the connection is of no use any more.
 */
export async function* wireChunks(stream: BodyStream, byteLength: number): AsyncGenerator<Uint8Array, void, undefined> {
  let sent = 0;
  for await (const piece of stream) {
    const bytes = bytesOf(piece);
    // A chunk of size 0 would end the body.
    if (bytes.byteLength === 0) continue;
    sent += bytes.byteLength;
    if (byteLength >= 0 && sent > byteLength) throw wrongLength(byteLength, `at least ${sent}`);
    yield byteLength >= 0 ? bytes : framed(bytes);
  }
  if (byteLength < 0) yield lastChunk;
  else if (sent < byteLength) throw wrongLength(byteLength, String(sent));
}

function framed(bytes: Uint8Array): Uint8Array {
  const size = Buffer.from(`${bytes.byteLength.toString(16)}\r\n`, 'latin1');
  return Buffer.concat([size, bytes, lastChunk.subarray(1, 3)]);
}

function bytesOf(piece: unknown): Uint8Array {
  if (typeof piece === 'string') return Buffer.from(piece, 'utf8');
  if (piece instanceof Uint8Array) return piece;
  throw new TestFileError(`a streamed body gave a piece of type ${typeof piece}`, {
    hint: 'give strings or Uint8Arrays',
  });
}

function wrongLength(declared: number, actual: string): TestFileError {
  return new TestFileError(`the content-length is ${declared}, but the streamed body has ${actual} bytes`);
}
