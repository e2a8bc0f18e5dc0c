/** What is inside of frames: texts, bytes, and the codes of close frames. */
import { isUtf8 } from 'node:buffer';
import { closeCodes, FrameFault, isLegalCloseCode, noStatus } from './close-codes.ts';

const replacement = '\ufffd';

/** What is given may be a buffer that the next read or the next inflated message is put into; a Buffer's own slice would be a view of it. */
export function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.subarray(start, end));
}

/** A text has as many bytes as its characters have, or more. */
export function byteLength(data: string | Uint8Array): number {
  return typeof data === 'string' ? Buffer.byteLength(data) : data.length;
}

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * What `toString` of a Buffer comes down to once it has looked at the encoding's name and at the bounds, which costs each
 * message some hundredths of a µs. No part of Node's documented API, so it is asked for; undici relies on it as well.
 */
const { utf8Slice } = Buffer.prototype as unknown as {
  utf8Slice?: (this: Buffer, start: number, end: number) => string;
};

const decode =
  utf8Slice === undefined
    ? (buffer: Buffer, start: number, end: number): string => buffer.toString('utf8', start, end)
    : (buffer: Buffer, start: number, end: number): string => utf8Slice.call(buffer, start, end);

/** Errors: FrameFault. */
export function textOf(buffer: Buffer, start: number, end: number): string {
  const text = decode(buffer, start, end);
  // What is no UTF-8 decodes to this character; whether the server has sent the character itself is asked only then.
  if (text.includes(replacement) && !isUtf8(buffer.subarray(start, end))) {
    throw new FrameFault(closeCodes.badData, 'a text that is not UTF-8');
  }
  return text;
}

/** Errors: FrameFault, where the payload is none that a close frame may have. */
export function readClose(payload: Uint8Array): { readonly code: number; readonly reason: string } {
  if (payload.length === 0) return { code: noStatus, reason: '' };
  if (payload.length === 1) throw new FrameFault(closeCodes.protocol, 'a close frame with half a code');
  const code = payload[0]! * 256 + payload[1]!;
  if (!isLegalCloseCode(code))
    throw new FrameFault(closeCodes.protocol, `the close code ${code}, which may not be sent`);
  const reason = payload.subarray(2);
  if (!isUtf8(reason)) throw new FrameFault(closeCodes.badData, 'a close reason that is not UTF-8');
  return { code, reason: textOf(asBuffer(reason), 0, reason.length) };
}
