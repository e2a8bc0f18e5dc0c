/** The parts of making a connection, and its bytes, against a server that knows them. */
import { once } from 'node:events';
import * as net from 'node:net';
import * as tls from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { authority, certificate } from '../../../../test/support/certificates.ts';
import { answerOf } from '../../../../test/support/raw-server.ts';
import { balanced } from '../../../../test/support/talk-to.ts';
import { summarise } from '../../../stats/summary.ts';
import { Histogram } from '../../../stats/histogram.ts';
import type { HistogramDelta } from '../../../stats/snapshot.ts';
import { perVuIterations } from '../../../model/load-model.ts';
import { runHere } from '../test-run.fixture.ts';
import { httpBench } from './settings.fixture.ts';

const heldMs = 200;
const answer = answerOf('hello');

/** Takes a connection at once, and begins the handshake when it has been held. */
async function holdingServer(): Promise<{ readonly port: number; readonly counts: { bytesIn: number } }> {
  const counts = { bytesIn: 0 };
  const context = tls.createSecureContext(certificate('server'));
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    setTimeout(() => {
      const secure = new tls.TLSSocket(socket, { isServer: true, secureContext: context });
      secure.on('error', () => undefined);
      secure.on('data', (chunk: Buffer) => {
        counts.bytesIn += chunk.length;
        if (chunk.includes('\r\n\r\n')) secure.write(answer);
      });
    }, heldMs);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as net.AddressInfo).port, counts };
}

function only(delta: HistogramDelta): number {
  const histogram = new Histogram();
  histogram.add(delta);
  expect(histogram.count).toBe(1);
  return summarise(histogram).max!;
}

test('a handshake that is held is in tls and not in connect, and bytes are those that the server saw', async () => {
  const { port, counts } = await holdingServer();
  const bench = httpBench({ target: `https://127.0.0.1:${port}`, http: { tls: { ca: authority } } });
  onTestFinished(() => bench.close());
  for (let n = 0; n < 3; n++) expect(await bench.http.get('/')).toMatchObject({ ok: true });
  const snapshot = bench.take();
  expect(snapshot.generator.connectionsOpened).toBe(1);
  const [connectMs, tlsMs] = [only(snapshot.connect), only(snapshot.tls)];
  expect(tlsMs).toBeGreaterThanOrEqual(heldMs - 1);
  expect(connectMs).toBeLessThan(heldMs);
  expect(snapshot.dns.count).toBe(0);
  const series = balanced({ take: () => snapshot });
  expect(series).toMatchObject({ bytesOut: counts.bytesIn, bytesIn: 3 * answer.length });
  expect(series.latency.maxUs / 1000).toBeGreaterThanOrEqual(heldMs - 1);
});

test.each([
  ['before', 3],
  ['lazy', 0],
] as const)(
  'connections made %s: what a handshake takes is in no latency where it came first',
  async (connections, made) => {
    const { port } = await holdingServer();
    const { messages, totals } = await runHere({
      target: `https://127.0.0.1:${port}`,
      http: { tls: { ca: authority } },
      test: { connections },
      scenarios: {
        default: {
          load: perVuIterations({ vus: 3, iterations: 2 }),
          run: async ({ http }) => {
            await http.get('/');
          },
        },
      },
    });
    expect(messages.find(({ type }) => type === 'prepared')).toMatchObject({ vus: 3, connections: made });
    expect(totals.overall.expected).toBe(6);
    expect(totals.machine.connectionsOpened).toBe(3);
    expect(totals.overall.latency.maxUs >= (heldMs - 1) * 1000).toBe(connections === 'lazy');
  },
);
