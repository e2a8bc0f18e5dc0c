/** Engine.IO 4 over HTTP: several packets in one body, and the handshake that begins a session. */

const separator = '\x1e';

/** As a WebSocket would carry them, but for binary ones, which stay text: 'b' and base64. */
export function splitPayload(payload: string): readonly string[] {
  return payload.split(separator);
}

/** @param packets texts as on a WebSocket; bytes are a message */
export function joinPayload(packets: readonly (string | Uint8Array)[]): string {
  return packets.map(textOf).join(separator);
}

function textOf(packet: string | Uint8Array): string {
  if (typeof packet === 'string') return packet;
  return `b${Buffer.from(packet.buffer, packet.byteOffset, packet.byteLength).toString('base64')}`;
}

/** Of a packet in a body, its separator included. */
export function payloadBytes(packet: string | Uint8Array): number {
  if (typeof packet === 'string') return Buffer.byteLength(packet) + 1;
  return 4 * Math.ceil(packet.length / 3) + 2;
}

/** Of the message that a packet of a payload is, as a WebSocket would carry it. */
export function messageBytes(packet: string): number {
  return packet.startsWith('b') ? Buffer.byteLength(packet.slice(1), 'base64') : Buffer.byteLength(packet);
}

export interface EngineSession {
  readonly sid: string;
  /** Other transports that the server offers for this session. */
  readonly upgrades: readonly string[];
  /** A packet comes within so long, or the server is gone. */
  readonly heartbeatMs: number;
  /** Of one body. */
  readonly maxPayloadBytes: number;
}

/** undefined: the packet is no handshake. */
export function engineSessionOf(packet: string): EngineSession | undefined {
  if (!packet.startsWith('0')) return undefined;
  let value: Partial<Record<'sid' | 'upgrades' | 'pingInterval' | 'pingTimeout' | 'maxPayload', unknown>>;
  try {
    value = Object(JSON.parse(packet.slice(1))) as typeof value;
  } catch {
    return undefined;
  }
  const { sid, upgrades, pingInterval, pingTimeout, maxPayload } = value;
  if (typeof sid !== 'string' || typeof pingInterval !== 'number' || typeof pingTimeout !== 'number') return undefined;
  return {
    sid,
    upgrades: Array.isArray(upgrades) ? upgrades.map(String) : [],
    heartbeatMs: pingInterval + pingTimeout,
    maxPayloadBytes: typeof maxPayload === 'number' ? maxPayload : Infinity,
  };
}
