import { once } from 'node:events';
import * as http from 'node:http';
import * as net from 'node:net';
import * as tls from 'node:tls';
import { describe, expect, test } from 'vitest';
import { authority, certificate, pem } from '../../../test/support/certificates.ts';
import { connect, echo, errorOf, listen, roundTrip, secureEcho, socketOf, v4 } from '../../../test/support/dialling.ts';

describe('TLS', () => {
  test('checks the certificate against the own authority, with SNI and HTTP/1.1', async () => {
    const server = secureEcho();
    const port = await listen(server);
    const accepted = once(server, 'secureConnection') as Promise<[tls.TLSSocket & { servername: string }]>;
    const dialled = await connect({ protocol: 'https:', host: 'localhost', port, tls: { ca: authority } });
    await roundTrip(dialled);
    const [socket] = await accepted;
    expect(socket.servername).toBe('localhost');
    expect(socket.alpnProtocol).toBe('http/1.1');
    expect(dialled.result).toMatchObject({ ok: true, onreadActive: true });
    if (dialled.result.ok) expect(dialled.result.timings.tlsMs).toBeGreaterThan(0);
  });

  test('an IP literal is checked as an address, without SNI', async () => {
    const server = secureEcho();
    const port = await listen(server);
    const accepted = once(server, 'secureConnection') as Promise<[tls.TLSSocket & { servername: unknown }]>;
    await roundTrip(await connect({ protocol: 'https:', port, tls: { ca: authority } }));
    expect((await accepted)[0].servername).toBe(false);
  });

  test('serverName stands in for the host of the URL', async () => {
    const port = await listen(secureEcho('wrong-name'));
    await roundTrip(await connect({ protocol: 'https:', port, tls: { ca: authority, serverName: 'other.example' } }));
  });

  test.each([
    ['wrong-name', /is for another name: it names other\.example$/, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['expired', /^the certificate of localhost:\d+ has expired$/, 'CERT_HAS_EXPIRED'],
    ['self-signed', /is self-signed; give it as `tls\.ca`, or set `tls\.insecure`$/, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ] as const)('a certificate that is %s: one clear sentence, and insecure accepts it', async (name, message, code) => {
    const port = await listen(secureEcho(name));
    const error = errorOf(await connect({ protocol: 'https:', host: 'localhost', port, tls: { ca: authority } }));
    expect(error).toMatchObject({ kind: 'tls', code });
    expect(error.message).toMatch(message);
    await roundTrip(await connect({ protocol: 'https:', host: 'localhost', port, tls: { insecure: true } }));
  });

  test('an unknown authority: one clear sentence', async () => {
    const port = await listen(secureEcho());
    const error = errorOf(await connect({ protocol: 'https:', port }));
    expect(error.kind).toBe('tls');
    expect(error.message).toMatch(/^the issuer of the certificate of 127\.0\.0\.1:\d+ is not known here/);
  });

  test('a server that speaks plain HTTP: one clear sentence', async () => {
    const port = await listen(http.createServer());
    const error = errorOf(await connect({ protocol: 'https:', port }));
    expect(error.kind).toBe('tls');
    expect(error.message).toMatch(/does not speak TLS; is it an http:\/\/ address\?$/);
  });

  test('a server that closes in the handshake is a reset', async () => {
    const port = await listen(net.createServer((socket) => socket.destroy()));
    const error = errorOf(await connect({ protocol: 'https:', port }));
    expect(error.kind).toBe('reset');
    expect(error.message).toMatch(/during the TLS handshake$/);
  });

  test('shows a client certificate, also from an encrypted key', async () => {
    const server = secureEcho('server', { ca: authority, requestCert: true, rejectUnauthorized: true });
    const port = await listen(server);
    const { cert, key } = certificate('client');
    await roundTrip(await connect({ protocol: 'https:', port, tls: { ca: authority, cert, key } }));
    const encrypted = { ca: authority, cert, key: pem('client-encrypted.key'), passphrase: 'plimsoll' };
    await roundTrip(await connect({ protocol: 'https:', port, tls: encrypted }));
    const wrong = errorOf(await connect({ protocol: 'https:', port, tls: { ...encrypted, passphrase: 'guess' } }));
    expect(wrong.kind).toBe('tls');
    expect(wrong.message).toMatch(/^the CA, certificate, key or passphrase given cannot be used/);
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('%s sessions are resumed by the next connection', async (version) => {
    const port = await listen(secureEcho('server', { minVersion: version, maxVersion: version }));
    const options = { protocol: 'https:', port, tls: { ca: authority } } as const;
    const first = await connect(options);
    await roundTrip(first);
    const second = await connect(options);
    await roundTrip(second);
    const other = await connect({ ...options, tls: { ca: authority } });
    const reused = [first, second, other].map((dialled) => isReused(socketOf(dialled)));
    expect(reused).toEqual([false, true, false]);
  });
});

function isReused(socket: net.Socket): boolean {
  return socket instanceof tls.TLSSocket && socket.isSessionReused();
}

describe('proxy', () => {
  /** A proxy that tunnels, and remembers what it was asked for. */
  async function proxyServer(answer?: string) {
    const asked: { url: string; authorization: string | undefined }[] = [];
    const server = http.createServer();
    server.on('connect', (request: http.IncomingMessage, socket: net.Socket) => {
      asked.push({ url: request.url ?? '', authorization: request.headers['proxy-authorization'] });
      socket.on('error', () => {});
      if (answer !== undefined) {
        socket.end(answer, 'latin1');
        return;
      }
      const port = Number(/:(\d+)$/.exec(request.url ?? '')?.[1]);
      const upstream = net.connect(port, v4, () => {
        socket.write('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 Connection established\r\nvia: test\r\n\r\n');
        socket.pipe(upstream).pipe(socket);
      });
      upstream.on('error', () => {});
      socket.on('close', () => upstream.destroy());
    });
    return { port: await listen(server), asked };
  }

  test('TLS goes through a tunnel and is read by data events', async () => {
    const port = await listen(secureEcho());
    const proxy = await proxyServer();
    const dialled = await connect({
      protocol: 'https:',
      host: 'localhost',
      port,
      tls: { ca: authority },
      proxy: { host: v4, port: proxy.port, authorization: 'Basic dTpw' },
    });
    await roundTrip(dialled);
    expect(dialled.result).toMatchObject({ ok: true, onreadActive: false });
    expect(proxy.asked).toEqual([{ url: `localhost:${port}`, authorization: 'Basic dTpw' }]);
  });

  test('plain HTTP goes to the proxy as it is', async () => {
    const port = await listen(echo());
    const dialled = await connect({
      host: 'far.example',
      port: 80,
      proxy: { host: v4, port, authorization: undefined },
    });
    await roundTrip(dialled);
    expect(dialled.result).toMatchObject({ ok: true, onreadActive: true });
  });

  test.each([
    ['HTTP/1.1 407 Proxy Authentication Required\r\n\r\n', /asks for a user and password/, '407'],
    ['HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n', /refused to connect, with status 403/, '403'],
    ['SSH-2.0-test\r\n\r\n', /does not answer in HTTP/, ''],
    ['HTTP/1.1 200 OK\r\n\r\nrubbish', /bytes of its own/, ''],
    ['', /^the proxy 127\.0\.0\.1:\d+ closed the connection/, ''],
  ])('a proxy that answers %j', async (answer, message, code) => {
    const { port } = await proxyServer(answer);
    const proxy = { host: v4, port, authorization: undefined };
    const error = errorOf(await connect({ protocol: 'https:', host: 'far.example', port: 443, proxy }));
    expect(error).toMatchObject({ kind: 'proxy', code });
    expect(error.message).toMatch(message);
  });

  test('a proxy that opens the tunnel and then closes it is a reset', async () => {
    const { port } = await proxyServer('HTTP/1.1 200 OK\r\n\r\n');
    const proxy = { host: v4, port, authorization: undefined };
    const error = errorOf(await connect({ protocol: 'https:', host: 'far.example', port: 443, proxy }));
    expect(error).toMatchObject({
      kind: 'reset',
      message: 'far.example:443 reset the connection during the TLS handshake',
    });
  });

  test('the certificate behind the proxy is checked all the same', async () => {
    const port = await listen(secureEcho('expired'));
    const proxy = { host: v4, port: (await proxyServer()).port, authorization: undefined };
    const options = { protocol: 'https:', host: 'localhost', port, tls: { ca: authority }, proxy } as const;
    expect(errorOf(await connect(options)).message).toMatch(/^the certificate of localhost:\d+ has expired$/);
  });
});
