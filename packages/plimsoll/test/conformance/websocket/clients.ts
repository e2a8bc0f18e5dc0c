/** Our client and `ws` on one footing: what each makes of a server. */
import { WebSocket } from 'ws';
import { systemClock } from '../../../src/kernel/clock.ts';
import { createReadBuffer } from '../../../src/protocol/http1/head-memo.ts';
import { defaultParserLimits } from '../../../src/protocol/http1/response-head.ts';
import { DnsCache } from '../../../src/protocol/net/dns-cache.ts';
import type { WebSocketOptions } from '../../../src/protocol/websocket/web-socket.ts';
import { WebSocketConnection } from '../../../src/protocol/websocket/web-socket-connection.ts';

/** What the user of a client is told. */
export interface Seen {
  readonly opened: boolean;
  readonly protocol: string;
  /** 't:' and text, or 'b:' and hex. */
  readonly messages: readonly string[];
  /** Whether the client took it for a fault of the server. */
  readonly failed: boolean;
  readonly closeCode: number;
  readonly closeReason: string;
  /** Why, in words; they are each client's own. */
  readonly error: string;
}

export interface ClientOptions {
  readonly compress: boolean | { readonly serverNoContextTakeover: true };
  readonly protocols?: readonly string[];
}

const maxMessageBytes = 1_048_576;

export const thread = {
  clock: systemClock,
  dns: new DnsCache(systemClock),
  buffer: createReadBuffer(),
  limits: defaultParserLimits,
  scheduler: { activity: 0 },
};

export function optionsFor(port: number, options: Partial<WebSocketOptions> = {}): WebSocketOptions {
  return {
    target: { protocol: 'http:', host: '127.0.0.1', port, connectTimeoutMs: 5000, tls: {} },
    path: '/',
    hostHeader: `127.0.0.1:${port}`,
    headers: {},
    cookie: '',
    protocols: [],
    deflate: undefined,
    maxMessageBytes,
    closeTimeoutMs: 5000,
    ...options,
  };
}

export function ourClient(port: number, { compress, protocols = [] }: ClientOptions): Promise<Seen> {
  return new Promise((resolve) => {
    const messages: string[] = [];
    let protocol = '';
    const unseen = { opened: false, protocol: '', messages, failed: true, closeCode: 1006, closeReason: '' };
    const deflate = compress === false ? undefined : { thresholdBytes: 1024, ...(compress !== true && compress) };
    new WebSocketConnection(
      optionsFor(port, { deflate, protocols }),
      thread,
      {
        opened: (_, terms) => {
          protocol = terms.protocol;
        },
        refused: ({ error }) => {
          resolve({ ...unseen, error: error.message });
        },
        message: (data) => messages.push(shown(data)),
        pong: () => undefined,
        closed: (closeCode, closeReason, _, error) => {
          const failed = error?.kind === 'protocol';
          resolve({ opened: true, protocol, messages, failed, closeCode, closeReason, error: error?.message ?? '' });
        },
      },
      Math.random,
    );
  });
}

export function wsClient(port: number, { compress, protocols = [] }: ClientOptions): Promise<Seen> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, [...protocols], {
      perMessageDeflate: compress !== false && { threshold: 1024, ...(compress !== true && compress) },
      maxPayload: maxMessageBytes,
    });
    const messages: string[] = [];
    let opened = false;
    let error = '';
    socket.on('open', () => {
      opened = true;
    });
    socket.on('message', (data: Buffer, isBinary) => messages.push(shown(isBinary ? data : data.toString())));
    socket.on('error', (reason) => {
      error = reason.message;
    });
    socket.on('close', (code, reason) => {
      const seen = { opened, protocol: opened ? socket.protocol : '', messages, failed: error !== '' };
      resolve({ ...seen, closeCode: code, closeReason: reason.toString(), error });
    });
  });
}

function shown(data: string | Uint8Array): string {
  return typeof data === 'string' ? `t:${data}` : `b:${Buffer.from(data).toString('hex')}`;
}
