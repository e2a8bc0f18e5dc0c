/** What lies between the tool and a WebSocket server: certificates, a proxy, cookies. */
import * as net from 'node:net';
import { describe, expect, test } from 'vitest';
import { authority, certificate } from '../support/certificates.ts';
import { listen } from '../support/dialling.ts';
import { plantedSockets, type Visitor } from '../support/planted-sockets.ts';
import { runTestFile } from '../support/run-cli.ts';

const load = "load: sharedIterations({ vus: 2, iterations: 4 }), connections: 'lazy'";
const asks = `const reply = await socket.step('ask', async () => { socket.send('x'); return socket.next(); });
      if (reply.text() !== 'x') throw new Error(reply.text());
      await socket.close();`;

function echo(visitor: Visitor): void {
  visitor.onText = (text) => {
    visitor.send(text);
  };
  visitor.accept();
}

describe('wss', () => {
  const trusted = { ca: authority };
  const known = { ...trusted, ...certificate('client') };
  const askingServer = { ...certificate('server'), ca: authority, requestCert: true, rejectUnauthorized: true };

  test('with an authority of its own and a client certificate, by path and by address', async () => {
    const server = await plantedSockets(echo, { tls: askingServer });
    const url = `https://localhost:${server.port}`;
    const run = await runTestFile(
      `loadTest('wss', { ${load}, http: { tls: ${JSON.stringify(known)} } }, async ({ ws, iteration }) => {
        const socket = await ws.connect(iteration.index % 2 === 0 ? '/' : '${url.replace('https', 'wss')}/');
        ${asks}
      });`,
      ['--target', url],
    );
    expect({ code: run.code, errors: run.test.errors, exceptions: run.test.exceptions }).toEqual({
      code: 0,
      errors: {},
      exceptions: [],
    });
    // TLS takes no message at once: that nothing waits is told a moment later.
    const none = { bufferedBytesMax: 0 };
    expect(run.test.sockets).toMatchObject({ opened: 4, messagesIn: 4, phases: { tls: { count: 4 } }, ...none });
    expect(server.visitors).toHaveLength(4);
  });

  test.each([
    ['an authority that is not known', {}, 'tls', /comes from an authority not trusted here; give it as `tls\.ca`$/],
    // With TLS 1.3 the server refuses after the client's handshake is over.
    ['no client certificate', trusted, 'upgrade', /asks for a client certificate; give `tls\.cert` and `tls\.key`/],
  ] as const)('%s: one clear sentence', async (_, tls, phase, sentence) => {
    const server = await plantedSockets(echo, { tls: askingServer });
    // The target itself is another, so that the run begins.
    const target = await plantedSockets(echo);
    const run = await runTestFile(
      `loadTest('wss', { ${load}, http: { tls: ${JSON.stringify(tls)} } }, async ({ ws }) => {
        const socket = await ws.connect('wss://localhost:${server.port}/');
        if (socket.ok) throw new Error('let in');
      });`,
      ['--target', target.url],
    );
    expect({ code: run.code, exceptions: run.test.exceptions }).toEqual({ code: 1, exceptions: [] });
    expect(run.test).toMatchObject({ failed: 4, errors: { tls: 4 } });
    expect(run.test.sockets).toMatchObject({ opened: 0, refused: 4, refusedIn: { [phase]: 4 } });
    expect(/first 'tls' failure, of WS .*/.exec(run.stderr)?.[0]).toMatch(sentence);
    expect(server.visitors).toHaveLength(0);
  });
});

describe('through a proxy', () => {
  /** Tunnels to whatever is asked for; `asked` holds request lines and authorizations. */
  async function startProxy(answer?: string): Promise<{ readonly url: string; readonly asked: string[] }> {
    const asked: string[] = [];
    const port = await listen(
      net.createServer((inner) => {
        inner.on('error', () => undefined);
        inner.once('data', (head: Buffer) => {
          const [line = '', ...fields] = head.toString('latin1').split('\r\n');
          asked.push(`${line} ${fields.find((field) => /^proxy-authorization:/i.test(field)) ?? ''}`.trim());
          if (answer !== undefined) {
            inner.end(answer);
            return;
          }
          const outer = net.connect(Number(/:(\d+) /.exec(line)?.[1]), '127.0.0.1', () => {
            inner.write('HTTP/1.1 200 OK\r\n\r\n');
            inner.pipe(outer).pipe(inner);
          });
          outer.on('error', () => undefined);
        });
      }),
    );
    return { url: `http://user:secret@127.0.0.1:${port}`, asked };
  }

  test.each(['ws', 'wss'] as const)('%s: each socket has a tunnel of its own', async (scheme) => {
    const proxy = await startProxy();
    const isSecure = scheme === 'wss';
    const server = await plantedSockets(echo, isSecure ? { tls: certificate('server') } : {});
    const http = JSON.stringify({ proxy: proxy.url, tls: isSecure ? { ca: authority } : {} });
    const run = await runTestFile(
      `loadTest('tunnel', { ${load}, http: ${http} }, async ({ ws }) => {
        const socket = await ws.connect('/');
        ${asks}
      });`,
      ['--target', `${isSecure ? 'https' : 'http'}://localhost:${server.port}`],
    );
    expect({ code: run.code, errors: run.test.errors, exceptions: run.test.exceptions }).toEqual({
      code: 0,
      errors: {},
      exceptions: [],
    });
    const tunnels = proxy.asked.filter((line) => line.startsWith(`CONNECT localhost:${server.port} HTTP/1.1`));
    // One more where the run asks whether the server is there.
    expect(tunnels.length).toBeGreaterThanOrEqual(4);
    expect(proxy.asked.every((line) => /basic dXNlcjpzZWNyZXQ=$/i.test(line))).toBe(true);
    expect(server.visitors).toHaveLength(4);
    expect(run.test.sockets).toMatchObject({ opened: 4, messagesIn: 4, bytesIn: 4 * (3 + 4) });
  });

  test('a proxy that refuses is named', async () => {
    const proxy = await startProxy('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
    const target = await plantedSockets(echo);
    const run = await runTestFile(
      `loadTest('tunnel', { ${load}, http: { proxy: '${proxy.url}' } }, async ({ ws }) => { await ws.connect('/'); });`,
      ['--target', target.url],
    );
    expect(run.code).toBe(1);
    expect(run.test).toMatchObject({ failed: 4, errors: { proxy: 4 }, sockets: { refusedIn: { tcp: 4 } } });
    expect(run.stderr).toMatch(/first 'proxy' failure, of WS \/: the proxy refused to connect, with status 403/);
    expect(target.visitors).toHaveLength(0);
  });
});

test('cookies of the upgrade go with what follows, in their VU alone', async () => {
  const server = await plantedSockets((visitor) => {
    if (visitor.path === '/whoami')
      visitor.refuse(200, 'content-type: text/plain\r\n', visitor.header('cookie') ?? 'nobody');
    else if (visitor.path === '/again') visitor.accept();
    else
      visitor.accept(
        `set-cookie: session=of-${visitor.path.slice(1)}; Path=/; HttpOnly\r\nset-cookie: other=1; Path=/elsewhere\r\n`,
      );
  });
  const run = await runTestFile(
    `loadTest('cookies', { load: perVuIterations({ vus: 3, iterations: 1 }), connections: 'lazy' }, async ({ ws, http, vu }) => {
      const socket = await ws.connect('/' + vu.id);
      if (socket.header('set-cookie') === undefined) throw new Error('hidden');
      await ws.connect('/again');
      const answer = await http.get('/whoami');
      if (answer.text() !== 'session=of-' + vu.id) throw new Error(answer.text());
    });`,
    ['--target', server.url],
  );
  expect({ code: run.code, exceptions: run.test.exceptions }).toEqual({ code: 0, exceptions: [] });
  const cookies = (path: string): (string | undefined)[] =>
    server.visitors.filter((each) => each.path === path).map((each) => each.header('cookie'));
  expect(cookies('/again').sort()).toEqual(['session=of-0', 'session=of-1', 'session=of-2']);
  expect(cookies('/0')).toEqual([undefined]);
});
