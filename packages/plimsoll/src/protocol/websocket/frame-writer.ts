/** Frames as a client writes them: masked, each in one piece of memory (RFC 6455, section 5). */
import { opcodes } from './frame-parser.ts';

/** From 0 up to, not including, 1. Masks keep proxies from being fooled; a generator of load needs no secret ones. */
export type MaskSource = () => number;

/** @param isCompressed sets the bit that permessage-deflate has given a meaning */
export function dataFrame(data: string | Uint8Array, random: MaskSource, options: DataFrameOptions = {}): Buffer {
  const isText = options.isText ?? typeof data === 'string';
  const opcode = options.isContinuation === true ? opcodes.continuation : isText ? opcodes.text : opcodes.binary;
  const first = (options.isFinal === false ? 0 : 0x80) | (options.isCompressed === true ? 0x40 : 0) | opcode;
  return frame(first, data, random);
}

export interface DataFrameOptions {
  /** Default: what the data's type says. */
  readonly isText?: boolean;
  readonly isCompressed?: boolean;
  /** Default true. */
  readonly isFinal?: boolean;
  readonly isContinuation?: boolean;
}

/**
 * The frames of one message. Only the first says what it is (section 5.4; RFC 7692, section 6.1).
 *
 * @param fragmentBytes from 1
 */
export function* fragmentFrames(
  payload: Buffer,
  random: MaskSource,
  first: DataFrameOptions,
  fragmentBytes: number,
): Generator<{ readonly frame: Buffer; readonly isFinal: boolean }> {
  for (let from = 0; from === 0 || from < payload.length; from += fragmentBytes) {
    const isFinal = from + fragmentBytes >= payload.length;
    const options = from === 0 ? { ...first, isFinal } : { isContinuation: true, isFinal };
    yield { frame: dataFrame(payload.subarray(from, from + fragmentBytes), random, options), isFinal };
  }
}

export function pingFrame(payload: Uint8Array, random: MaskSource): Buffer {
  return frame(0x80 | opcodes.ping, payload, random);
}

export function pongFrame(payload: Uint8Array, random: MaskSource): Buffer {
  return frame(0x80 | opcodes.pong, payload, random);
}

/** Without a code, without a payload. */
export function closeFrame(code: number | undefined, reason: string, random: MaskSource): Buffer {
  if (code === undefined) return frame(0x80 | opcodes.close, new Uint8Array(0), random);
  const text = Buffer.from(reason);
  const payload = Buffer.allocUnsafe(2 + text.length);
  payload.writeUInt16BE(code, 0);
  text.copy(payload, 2);
  return frame(0x80 | opcodes.close, payload, random);
}

function frame(first: number, data: string | Uint8Array, random: MaskSource): Buffer {
  const length = typeof data === 'string' ? Buffer.byteLength(data) : data.length;
  const lengthBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const from = 6 + lengthBytes;
  const bytes = Buffer.allocUnsafe(from + length);
  bytes[0] = first;
  if (lengthBytes === 0) {
    bytes[1] = 0x80 | length;
  } else if (lengthBytes === 2) {
    bytes[1] = 0x80 | 126;
    bytes.writeUInt16BE(length, 2);
  } else {
    bytes[1] = 0x80 | 127;
    bytes.writeBigUInt64BE(BigInt(length), 2);
  }
  const mask = Math.floor(random() * 0x1_0000_0000);
  bytes.writeUInt32BE(mask, 2 + lengthBytes);
  if (typeof data === 'string') bytes.write(data, from);
  else bytes.set(data, from);
  applyMask(bytes, from, mask);
  return bytes;
}

function applyMask(bytes: Buffer, from: number, mask: number): void {
  const m0 = mask >>> 24;
  const m1 = (mask >>> 16) & 0xff;
  const m2 = (mask >>> 8) & 0xff;
  const m3 = mask & 0xff;
  const whole = from + ((bytes.length - from) & ~3);
  let at = from;
  for (; at < whole; at += 4) {
    bytes[at]! ^= m0;
    bytes[at + 1]! ^= m1;
    bytes[at + 2]! ^= m2;
    bytes[at + 3]! ^= m3;
  }
  if (at < bytes.length) bytes[at]! ^= m0;
  if (at + 1 < bytes.length) bytes[at + 1]! ^= m1;
  if (at + 2 < bytes.length) bytes[at + 2]! ^= m2;
}
