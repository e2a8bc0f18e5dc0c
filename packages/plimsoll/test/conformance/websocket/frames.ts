/** Frames as a server might send them, right and wrong (RFC 6455, section 5.2). */

export interface FrameShape {
  readonly opcode: number;
  readonly payload?: string | Uint8Array;
  /** Default true. */
  readonly fin?: boolean;
  /** The three reserved bits as a number: 4 is RSV1. */
  readonly rsv?: number;
  readonly isMasked?: boolean;
  /** How the length is written; default: the shortest form. */
  readonly lengthForm?: 7 | 16 | 64;
  /** Said instead of the payload's own. */
  readonly length?: bigint;
}

export function frame(shape: FrameShape): Buffer {
  const payload = Buffer.from(shape.payload ?? '');
  const length = shape.length ?? BigInt(payload.length);
  const form = shape.lengthForm ?? (length < 126n ? 7 : length < 65_536n ? 16 : 64);
  const first = (shape.fin === false ? 0 : 0x80) | ((shape.rsv ?? 0) << 4) | shape.opcode;
  const masked = shape.isMasked === true ? 0x80 : 0;
  const head = Buffer.alloc(form === 7 ? 2 : form === 16 ? 4 : 10);
  head[0] = first;
  if (form === 7) head[1] = masked | Number(length);
  else if (form === 16) {
    head[1] = masked | 126;
    head.writeUInt16BE(Number(length), 2);
  } else {
    head[1] = masked | 127;
    head.writeBigUInt64BE(length, 2);
  }
  // A mask of zeroes leaves the payload as it is.
  return Buffer.concat([head, Buffer.alloc(shape.isMasked === true ? 4 : 0), payload]);
}

export const text = (payload: string | Uint8Array, rest: Partial<FrameShape> = {}): Buffer =>
  frame({ opcode: 1, payload, ...rest });
export const binary = (payload: Uint8Array, rest: Partial<FrameShape> = {}): Buffer =>
  frame({ opcode: 2, payload, ...rest });
export const more = (payload: string | Uint8Array, rest: Partial<FrameShape> = {}): Buffer =>
  frame({ opcode: 0, payload, ...rest });
export const ping = (payload: string, rest: Partial<FrameShape> = {}): Buffer => frame({ opcode: 9, payload, ...rest });
export const pong = (payload: string, rest: Partial<FrameShape> = {}): Buffer =>
  frame({ opcode: 10, payload, ...rest });

export function close(code?: number, reason: string | Uint8Array = ''): Buffer {
  if (code === undefined) return frame({ opcode: 8 });
  const codeBytes = Buffer.alloc(2);
  codeBytes.writeUInt16BE(code);
  return frame({ opcode: 8, payload: Buffer.concat([codeBytes, Buffer.from(reason)]) });
}

export interface ClientFrame {
  readonly opcode: number;
  readonly payload: Buffer;
  readonly isMasked: boolean;
}

/** Reads what a client sent; for a peer that may be trusted to write whole, right frames. */
export function clientFrames(bytes: Buffer): { readonly frames: ClientFrame[]; readonly rest: Buffer } {
  const frames: ClientFrame[] = [];
  let at = 0;
  for (;;) {
    if (bytes.length < at + 2) break;
    const short = bytes[at + 1]! & 0x7f;
    const isMasked = bytes[at + 1]! >= 0x80;
    const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
    const from = at + 2 + lengthBytes + (isMasked ? 4 : 0);
    if (bytes.length < from) break;
    const length =
      short === 126 ? bytes.readUInt16BE(at + 2) : short === 127 ? Number(bytes.readBigUInt64BE(at + 2)) : short;
    if (bytes.length < from + length) break;
    const payload = Buffer.from(bytes.subarray(from, from + length));
    if (isMasked) for (let i = 0; i < length; i++) payload[i]! ^= bytes[from - 4 + (i & 3)]!;
    frames.push({ opcode: bytes[at]! & 0x0f, payload, isMasked });
    at = from + length;
  }
  return { frames, rest: bytes.subarray(at) };
}
