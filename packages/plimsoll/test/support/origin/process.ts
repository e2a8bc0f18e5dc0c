/**
 * The server's process: `origin.ts` starts it with its settings as JSON. It has no part in the event loop of the test
 * or of the tool, so what it says about itself is a second opinion.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { behaviours, otherwise, type Call } from './behaviours.ts';
import { Journal } from './journal.ts';
import type { FromOrigin, OriginSettings, ToOrigin } from './messages.ts';
import { mulberry } from './mulberry.ts';

const settings = JSON.parse(process.argv[2] ?? '{}') as OriginSettings;
const journal = new Journal();
const random = mulberry(settings.seed ?? 1);
const idleTimers = new WeakMap<Socket, NodeJS.Timeout>();
let heldBack: (() => void)[] | undefined;
let dying = false;

function tell(message: FromOrigin, then: () => void = () => undefined): void {
  process.send!(message, then);
}

/** The record is out before the process goes, and nothing is taken in between. */
function die(): void {
  dying = true;
  tell({ type: 'record', record: journal.taken() }, () => process.kill(process.pid, 'SIGKILL'));
}

function freeze({ forMs, how }: NonNullable<OriginSettings['freeze']>): void {
  const fromMs = performance.now() - journal.firstMs;
  const thaw = (): void => {
    journal.frozen = { fromMs, toMs: performance.now() - journal.firstMs };
    const held = heldBack ?? [];
    heldBack = undefined;
    for (const go of held) go();
  };
  if (how === 'hold') {
    heldBack = [];
    setTimeout(thaw, forMs);
  } else {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forMs);
    thaw();
  }
}

function serve(request: IncomingMessage, response: ServerResponse): void {
  if (dying) return;
  const isFirst = journal.firstMs === 0;
  const { socket } = request;
  const url = new URL(request.url ?? '/', 'http://origin');
  const name = `/${url.pathname.split('/')[1] ?? ''}`;
  const entry = journal.arrive(name);
  if (isFirst) schedule();
  clearTimeout(idleTimers.get(socket));
  if (settings.closeEach === 'announced') response.setHeader('connection', 'close');
  response.on('close', () => {
    if (!dying) entry.brokenOff('abandoned');
  });
  response.on('finish', () => answered(socket));
  const whenAwake = (go: () => void): void => {
    if (dying) return;
    if (heldBack === undefined) go();
    else heldBack.push(go);
  };
  const call: Call = { request, response, socket, url, entry, random, whenAwake };
  void (behaviours[name] ?? otherwise)(call);
  // A body that nobody reads must not hold the next request up.
  request.resume();
}

/** What is to happen some time after the first request. */
function schedule(): void {
  const { freeze: wanted, dieAfterMs } = settings;
  if (wanted !== undefined) setTimeout(freeze, wanted.afterMs, wanted);
  if (dieAfterMs !== undefined) setTimeout(die, dieAfterMs);
}

function answered(socket: Socket): void {
  // Not end(): a half-closed connection would still take requests that it can never answer.
  if (settings.closeEach === 'silently') socket.destroy();
  const { closeIdleAfterMs } = settings;
  if (closeIdleAfterMs === undefined) return;
  const close = (): void => {
    journal.closedIdle++;
    socket.destroy();
  };
  idleTimers.set(socket, setTimeout(close, closeIdleAfterMs));
}

const { certificate, port = 0, announceIdleSeconds = 0 } = settings;
const server = certificate ? createSecureServer(certificate, serve) : createServer(serve);
server.keepAliveTimeout = announceIdleSeconds * 1000;
server.requestTimeout = 0;
server.headersTimeout = 0;
server.on(certificate ? 'secureConnection' : 'connection', (socket: Socket) => {
  journal.connectionOpened();
  socket.setNoDelay(true);
  socket.on('error', () => {});
  socket.on('close', () => {
    journal.open--;
    clearTimeout(idleTimers.get(socket));
  });
});
server.listen(port, '127.0.0.1', 4096, () => {
  tell({ type: 'listening', port: (server.address() as AddressInfo).port });
});

process.on('message', (message: ToOrigin) => {
  if (message.type === 'record') tell({ type: 'record', record: journal.taken() });
  else die();
});
// The test's process is gone, however it ended.
process.on('disconnect', () => process.exit(0));
