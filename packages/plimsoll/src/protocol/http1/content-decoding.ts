/** Bodies as their `content-encoding` says: gzip, deflate and br, several in a row, never beyond a limit. */
import type { ZlibOptions } from 'node:zlib';
import { builtIn } from '../../kernel/built-in.ts';
import { transportError } from '../net/error-kind.ts';
import type { TransportError } from '../net/error-kind.ts';

export type DecodeResult =
  { readonly ok: true; readonly bytes: Uint8Array } | { readonly ok: false; readonly error: TransportError };

type Decoder = (bytes: Uint8Array, limit: ZlibOptions) => Uint8Array;

const decoders: Readonly<Record<string, Decoder>> = {
  gzip: (bytes, limit) => builtIn.zlib().gunzipSync(bytes, limit),
  'x-gzip': (bytes, limit) => builtIn.zlib().gunzipSync(bytes, limit),
  deflate: (bytes, limit) =>
    hasZlibHead(bytes) ? builtIn.zlib().inflateSync(bytes, limit) : builtIn.zlib().inflateRawSync(bytes, limit),
  br: (bytes, limit) => builtIn.zlib().brotliDecompressSync(bytes, limit),
};

/** More than this is no encoding but an attack on who decodes. */
const maximumCodings = 5;

/**
 * Decodes a whole body, synchronously.
 *
 * @param contentEncoding the header's value; the last coding was applied last and comes off first
 * @param maxBytes of the result, of each step on the way too
 * @returns error kinds: `decode` for unknown, truncated or corrupt; `too-large` beyond `maxBytes`
 */
export function decodeBody(bytes: Uint8Array, contentEncoding: string, maxBytes: number): DecodeResult {
  const codings = contentEncoding
    .split(',')
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== '' && coding !== 'identity');
  if (codings.length > maximumCodings) return failed('decode', `the body has ${codings.length} content encodings`);
  let decoded = bytes;
  for (const coding of codings.reverse()) {
    const decoder = Object.hasOwn(decoders, coding) ? decoders[coding] : undefined;
    if (decoder === undefined) return failed('decode', `the content encoding '${coding}' is not supported`);
    // What has no body, such as the answer to HEAD, has nothing to decode.
    if (decoded.byteLength === 0) break;
    try {
      decoded = decoder(decoded, { maxOutputLength: maxBytes });
    } catch (error) {
      return decodeFailure(error, coding, maxBytes);
    }
  }
  return { ok: true, bytes: decoded };
}

/** RFC 1950: the method is 8, and the first two bytes are a multiple of 31. Some servers send raw deflate instead. */
function hasZlibHead(bytes: Uint8Array): boolean {
  const first = bytes[0] ?? 0;
  return (first & 0x0f) === 8 && (first * 256 + (bytes[1] ?? 0)) % 31 === 0;
}

function decodeFailure(error: unknown, coding: string, maxBytes: number): DecodeResult {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ERR_BUFFER_TOO_LARGE') {
    return failed('too-large', `the ${coding} body decodes to more than ${maxBytes} bytes`, code);
  }
  const problem = code === 'Z_BUF_ERROR' ? 'ends too early' : 'is corrupt';
  return failed('decode', `the ${coding} body ${problem}`, code);
}

function failed(kind: 'decode' | 'too-large', message: string, code = ''): DecodeResult {
  return { ok: false, error: transportError(kind, message, code) };
}
