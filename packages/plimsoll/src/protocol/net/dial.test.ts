import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  connect,
  dnsOf,
  echo,
  errorOf,
  freePort,
  listen,
  roundTrip,
  socketOf,
  type Dialled,
  v4,
} from '../../../test/support/dialling.ts';
import { systemClock } from '../../kernel/clock.ts';
import { dial } from './dial.ts';
import { DnsCache } from './dns-cache.ts';

describe('plain', () => {
  test.each([v4, '::1'])('connects to %s and reads into the shared buffer', async (host) => {
    const port = await listen(echo(), { host });
    const dialled = await connect({ host, port });
    await roundTrip(dialled);
    expect(dialled.result).toMatchObject({ ok: true, onreadActive: true, timings: { tlsMs: 0 } });
    expect(socketOf(dialled).listenerCount('connect')).toBe(0);
  });

  test('the parts of the time add up to the whole', async () => {
    const port = await listen(echo());
    const { result } = await connect({ host: 'app.test', port });
    if (!result.ok) throw new Error(result.error.message);
    const { dnsMs, connectMs, tlsMs, totalMs } = result.timings;
    expect(dnsMs + connectMs + tlsMs).toBeLessThanOrEqual(totalMs);
    expect(dnsMs).toBeGreaterThan(0);
    expect(connectMs).toBeGreaterThan(0);
    expect((await connect({ port })).result).toMatchObject({ timings: { dnsMs: 0 } });
  });

  test('connects to a Unix socket', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'plimsoll-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const socketPath = join(folder, 'app.sock');
    await listen(echo(), { path: socketPath });
    await roundTrip(await connect({ port: 80, socketPath }));
    const error = errorOf(await connect({ port: 80, socketPath: join(folder, 'none.sock') }));
    expect(error.kind).toBe('refused');
    expect(error.message).toMatch(/none\.sock does not exist$/);
  });

  test('a refused connection says who refused', async () => {
    const port = await freePort();
    expect(errorOf(await connect({ port }))).toEqual({
      kind: 'refused',
      message: `127.0.0.1:${port} refused the connection`,
      code: 'ECONNREFUSED',
    });
  });

  test('a name that does not exist says so', async () => {
    const error = errorOf(await connect({ host: 'nowhere.test', port: 80 }, dnsOf()));
    expect(error).toMatchObject({ kind: 'dns', message: 'the name nowhere.test was not found', code: 'ENOTFOUND' });
  });

  test('leaves from the source address', async () => {
    const server = echo();
    const port = await listen(server);
    const accepted = once(server, 'connection') as Promise<[net.Socket]>;
    await connect({ port, sourceAddress: '127.0.0.2' });
    expect((await accepted)[0].remoteAddress).toBe('127.0.0.2');
    const wrongFamily = await connect({ host: 'app.test', port, sourceAddress: '::1' });
    expect(errorOf(wrongFamily).kind).toBe('unreachable');
    const foreign = await connect({ port, sourceAddress: '192.0.2.1' });
    expect(errorOf(foreign)).toMatchObject({
      kind: 'unreachable',
      message: 'the source address does not belong to this machine',
    });
  });

  test('goes on to the next address when one refuses, and tries that one last from then on', async () => {
    const port = await listen(echo(), { host: '127.0.0.3' });
    const dns = dnsOf('127.0.0.2', '127.0.0.3');
    for (let i = 0; i < 4; i++) {
      expect(socketOf(await connect({ host: 'app.test', port }, dns)).remoteAddress).toBe('127.0.0.3');
    }
    expect(await addressesOf(dns)).toEqual(['127.0.0.3', '127.0.0.2']);
    expect(await addressesOf(dns)).toEqual(['127.0.0.3', '127.0.0.2']);
  });

  test('uses the addresses of a name in turn', async () => {
    const port = await listen(echo(), { host: '0.0.0.0' });
    const dns = dnsOf('127.0.0.2', '127.0.0.3', '127.0.0.4');
    const used = [];
    for (let i = 0; i < 6; i++) used.push(socketOf(await connect({ host: 'app.test', port }, dns)).remoteAddress);
    expect(used).toEqual([2, 3, 4, 2, 3, 4].map((last) => `127.0.0.${last}`));
  });
});

function addressesOf(dns: DnsCache): Promise<string[]> {
  return new Promise((resolve) => {
    dns.resolve('app.test', (_, found) => resolve(found.map(({ address }) => address)));
  });
}

describe('a failure names the phase in which it came', () => {
  const silent = new DnsCache(systemClock, { lookup: () => {} });
  const connectTimeoutMs = 50;

  test.each<[string, string, () => Promise<Dialled>]>([
    ['a name that does not exist', 'dns', () => connect({ host: 'nowhere.test', port: 80 }, dnsOf())],
    ['a name service that is silent', 'dns', () => connect({ host: 'a.test', port: 80, connectTimeoutMs }, silent)],
    ['nobody listens', 'tcp', async () => connect({ port: await freePort() })],
    ['nobody listens, TLS', 'tcp', async () => connect({ protocol: 'https:', port: await freePort() })],
    [
      'a proxy that does not answer',
      'tcp',
      async () => {
        const proxy = { host: v4, port: await listen(net.createServer()), authorization: undefined };
        return connect({ protocol: 'https:', port: 443, proxy, connectTimeoutMs });
      },
    ],
    [
      'a TLS handshake without end',
      'tls',
      async () => connect({ protocol: 'https:', port: await listen(net.createServer()), connectTimeoutMs }),
    ],
    ['certificates that are none', 'tls', () => connect({ protocol: 'https:', port: 1, tls: { cert: 'x' } })],
  ])('%s: %s', async (_, phase, attempt) => {
    expect((await attempt()).result).toMatchObject({ ok: false, phase });
  });
});

describe('giving up', () => {
  test('the timeout covers a name service that never answers', async () => {
    const dns = new DnsCache(systemClock, { lookup: () => {} });
    const error = errorOf(await connect({ host: 'slow.test', port: 80, connectTimeoutMs: 20 }, dns));
    expect(error.kind).toBe('connect-timeout');
    expect(error.message).toBe('the name service did not answer for slow.test within 20 ms');
  });

  test('the timeout covers a TLS handshake that never ends', async () => {
    const port = await listen(net.createServer());
    const error = errorOf(await connect({ protocol: 'https:', port, connectTimeoutMs: 50 }));
    expect(error.kind).toBe('connect-timeout');
    expect(error.message).toMatch(/did not finish the TLS handshake within 50 ms$/);
  });

  test('after cancel nothing is called and the socket is gone', async () => {
    const server = net.createServer();
    const port = await listen(server);
    const accepted = once(server, 'connection') as Promise<[net.Socket]>;
    let calls = 0;
    const onread = { buffer: new Uint8Array(1), callback: () => true };
    const dialling = dial(
      { protocol: 'https:', host: v4, port, connectTimeoutMs: 5000, tls: {} },
      { onread },
      { dns: dnsOf(v4), clock: systemClock },
      () => calls++,
    );
    const [socket] = await accepted;
    socket.resume();
    dialling.cancel();
    await once(socket, 'close');
    expect(calls).toBe(0);
  });

  test('done is never called before dial has returned', async () => {
    let returned = false;
    const onread = { buffer: new Uint8Array(1), callback: () => true };
    const calledAfter = await new Promise<boolean>((resolve) => {
      const options = { host: v4, port: 1, connectTimeoutMs: 5000, tls: { ca: 'nonsense', cert: 'x' } };
      const thread = { dns: dnsOf(v4), clock: systemClock };
      dial({ protocol: 'https:', ...options }, { onread }, thread, () => resolve(returned));
      returned = true;
    });
    expect(calledAfter).toBe(true);
  });
});
