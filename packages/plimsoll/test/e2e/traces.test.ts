/** Traces through the whole tool: the ids of a result's examples are those that the server was sent. */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import type { ExampleResult } from '../../src/model/result.ts';
import { Project } from '../support/cli.ts';
import { IoServer } from '../support/io-server.ts';

interface Seen {
  readonly path: string;
  readonly traceparent: string;
}

let project: Project;
let server: Server;
let url: string;
let seen: Seen[];

function note({ url: path = '', headers }: IncomingMessage): void {
  const { traceparent } = headers;
  seen.push({ path, traceparent: typeof traceparent === 'string' ? traceparent : '' });
}

beforeEach(async () => {
  project = new Project();
  seen = [];
  const sockets = new WebSocketServer({ noServer: true });
  server = createServer((request, response) => {
    note(request);
    if (request.url === '/old') response.writeHead(302, { location: '/new' }).end();
    else if (request.url === '/events')
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
    else response.end('ok');
  });
  server.on('upgrade', (request, socket, head) => {
    note(request);
    sockets.handleUpgrade(request, socket, head, () => undefined);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  project.remove();
  server.closeAllConnections();
  server.close();
});

function write(http: string, body: string, defaults = 'undefined'): void {
  project.write(
    'plimsoll.config.ts',
    `import { defineConfig } from 'plimsoll';
     export default defineConfig({ targets: { local: '${url}' }, http: { trace: ${defaults} } });`,
  );
  project.write(
    'a.load.ts',
    `import { loadTest, sharedIterations } from 'plimsoll';
     const load = sharedIterations({ vus: 4, iterations: 40 });
     loadTest('traced', { load, http: { trace: ${http} } }, async ({ http, ws, io, sse }) => { ${body} });`,
  );
}

const pathOf = ({ series }: ExampleResult): string => series.replace(/^\w+ /, '');
const requests = "await http.get('/a'); await http.get('/b', { headers: { 'x-b': '1' } });";

test('each request and each attempt has a trace of its own, and the examples are among them', async () => {
  write('true', `${requests} await (await ws.connect('/ws')).close(); await (await sse.connect('/events')).close();`);
  const { code, stdout } = await project.plimsoll('run', '--workers', '2');
  expect(code).toBe(0);
  expect(seen).toHaveLength(4 * 40);
  for (const { traceparent } of seen) expect(traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  const pathOfTrace = new Map(seen.map(({ path, traceparent }) => [traceparent.slice(3, 35), path]));
  expect(pathOfTrace.size).toBe(4 * 40);
  const { slowest, sample } = project.lastResult().tests[0]!;
  expect([slowest.length, sample.length]).toEqual([10, 10]);
  for (const example of [...slowest, ...sample]) expect(pathOfTrace.get(example.traceId)).toBe(pathOf(example));
  expect(new Set(sample.map(({ traceId }) => traceId)).size).toBe(10);
  expect(stdout).toMatch(new RegExp(` {2}slowest .*, trace\\s+${slowest[0]!.traceId}\n`));
  expect(readFileSync(join(project.runs()[0]!, 'summary.md'), 'utf8')).toContain(`| ${slowest[9]!.traceId} |`);
});

test.each([
  ["['websocket']", ['IO /']],
  ["['polling', 'websocket']", ['IO /', 'UPGRADE /']],
])('Socket.IO by %s: each attempt has a trace, and its way to a WebSocket the same one', async (transports, series) => {
  const server = new IoServer({}, () => undefined);
  await server.start();
  onTestFinished(() => server.stop());
  url = server.url;
  server.http.prependListener('request', note).prependListener('upgrade', note);
  const body = `const socket = (await io.connect({ transports: ${transports} })).orThrow();
    while (socket.transport !== 'websocket') await new Promise((resolve) => setTimeout(resolve, 5));
    await socket.close();`;
  write('true', body);
  expect((await project.plimsoll('run')).code).toBe(0);
  const idsOf = (path: RegExp) =>
    new Set(seen.filter((each) => path.test(each.path)).map(({ traceparent }) => traceparent.slice(3, 35)));
  const byWebSocket = idsOf(/transport=websocket/);
  expect(byWebSocket.size).toBe(40);
  // Of a session by polling the first request; the WebSocket begins the others.
  if (transports.includes('polling')) expect(idsOf(/transport=polling(?!.*sid=)/)).toEqual(byWebSocket);
  const { slowest, sample } = project.lastResult().tests[0]!;
  for (const example of [...slowest, ...sample]) {
    expect(series).toContain(example.series);
    expect(byWebSocket).toContain(example.traceId);
  }
});

test('a redirect is in the trace of its request', async () => {
  write('{}', "await http.get('/old');");
  expect((await project.plimsoll('run')).code).toBe(0);
  const of = (path: string) => seen.filter((each) => each.path === path).map(({ traceparent }) => traceparent);
  expect(of('/new')).toHaveLength(40);
  expect(of('/new').toSorted()).toEqual(of('/old').toSorted());
});

test('of a share of 0 none asks to be recorded; the ids are there', async () => {
  write('{ sampled: 0 }', requests);
  expect((await project.plimsoll('run')).code).toBe(0);
  expect(seen).toHaveLength(80);
  for (const { traceparent } of seen) expect(traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  expect(project.lastResult().tests[0]!.sample.every(({ traceId }) => traceId.length === 32)).toBe(true);
});

test('the configuration turns it on for all tests, and a test off for itself', async () => {
  write('undefined', requests, '{ sampled: 1 }');
  expect((await project.plimsoll('run')).code).toBe(0);
  expect(seen.every(({ traceparent }) => traceparent.endsWith('-01'))).toBe(true);
  seen.length = 0;
  write('false', requests, 'true');
  const { code, stdout } = await project.plimsoll('run');
  expect(code).toBe(0);
  expect(new Set(seen.map(({ traceparent }) => traceparent))).toEqual(new Set(['']));
  expect(project.lastResult().tests[0]!.slowest.map(({ traceId }) => traceId)).toEqual(Array<string>(10).fill(''));
  expect(stdout).not.toContain('slowest');
});

test('a share that is none is told with its place', async () => {
  write('{ sampled: 2 as number }', requests);
  const ofTest = await project.plimsoll('run');
  expect([ofTest.code, ofTest.stderr]).toEqual([
    2,
    expect.stringContaining("a.load.ts:3 'traced': http.trace.sampled is 2, expected a share from 0 to 1"),
  ]);
  write('true', requests, '{ sampled: -1 }');
  const ofConfig = await project.plimsoll('run');
  expect([ofConfig.code, ofConfig.stderr]).toEqual([
    2,
    expect.stringContaining('http.trace.sampled: expected a share from 0 to 1, got -1'),
  ]);
});
