/** Connections of `protocol/net/dial` to servers of the test itself; everything is closed when the test is over. */
import { once } from 'node:events';
import * as net from 'node:net';
import * as tls from 'node:tls';
import { expect, onTestFinished } from 'vitest';
import { systemClock } from '../../src/kernel/clock.ts';
import { dial } from '../../src/protocol/net/dial.ts';
import type { ConnectionTarget, ConnectionUse, DialResult } from '../../src/protocol/net/dial.ts';
import { DnsCache } from '../../src/protocol/net/dns-cache.ts';
import type { ResolvedAddress } from '../../src/protocol/net/dns-cache.ts';
import type { TransportError } from '../../src/protocol/net/error-kind.ts';
import { certificate } from './certificates.ts';
import type { CertificateName } from './certificates.ts';

export const v4 = '127.0.0.1';

export async function listen(
  server: net.Server,
  where: { host: string; port?: number } | { path: string } = { host: v4 },
) {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  server.listen('path' in where ? where : { port: 0, ...where });
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Answers whatever comes with the same bytes. */
export function echo(): net.Server {
  return net.createServer((socket) => socket.pipe(socket));
}

export function secureEcho(name: CertificateName = 'server', options: tls.TlsOptions = {}): tls.Server {
  const server = tls.createServer({ ...certificate(name), ALPNProtocols: ['http/1.1'], ...options }, (socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  server.on('tlsClientError', () => {});
  return server;
}

export async function freePort(): Promise<number> {
  const server = net.createServer();
  server.listen(0, v4);
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export function dnsOf(...addresses: string[]): DnsCache {
  const found = addresses.map((address) => ({ address, family: net.isIP(address) }) as ResolvedAddress);
  const missing = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
  return new DnsCache(systemClock, {
    lookup: (_, done) => setImmediate(() => done(found.length === 0 ? missing : undefined, found)),
  });
}

export interface Dialled {
  readonly result: DialResult;
  /** What `onread` or 'data' has received so far. */
  readonly received: () => string;
}

type Options = Partial<ConnectionTarget> & Pick<ConnectionUse, 'tunnel'> & { port: number };

export async function connect({ tunnel = false, ...options }: Options, dns = dnsOf(v4)): Promise<Dialled> {
  let received = '';
  const onread = {
    buffer: new Uint8Array(4096),
    callback: (length: number, buffer: Uint8Array) => {
      received += Buffer.from(buffer.subarray(0, length)).toString('latin1');
      return true;
    },
  };
  const result = await new Promise<DialResult>((resolve) => {
    const defaults = { protocol: 'http:', host: v4, connectTimeoutMs: 5000, tls: {} } as const;
    dial({ ...defaults, ...options }, { onread, tunnel }, { dns, clock: systemClock }, (answer) => {
      if (answer.ok) {
        // A careless test server must not end the test run; everything else is checked for leftovers first.
        expect(answer.socket.listenerCount('data')).toBe(0);
        expect(answer.socket.listenerCount('secureConnect')).toBe(0);
        answer.socket.on('error', () => {});
        if (!answer.onreadActive) answer.socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
      }
      resolve(answer);
    });
  });
  onTestFinished(() => {
    if (result.ok) result.socket.destroy();
  });
  return { result, received: () => received };
}

export function socketOf({ result }: Dialled): net.Socket {
  if (!result.ok) throw new Error(`${result.error.kind}: ${result.error.message}`);
  return result.socket;
}

export function errorOf({ result }: Dialled): TransportError {
  if (result.ok) throw new Error('connected, although it should not have');
  return result.error;
}

export async function roundTrip(dialled: Dialled): Promise<void> {
  const socket = socketOf(dialled);
  socket.write('hello');
  await expect.poll(dialled.received, { interval: 1 }).toBe('hello');
}
