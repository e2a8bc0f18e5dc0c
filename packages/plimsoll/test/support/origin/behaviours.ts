/** What each path does. Query parameters say how much; docs are the lines above each. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { brotliCompressSync, createGzip, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import type { Entry } from './journal.ts';

export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: Socket;
  readonly url: URL;
  readonly entry: Entry;
  /** From 0 up to 1, seeded. */
  readonly random: () => number;
  /** Calls when the server is not frozen: every answer goes through here. */
  readonly whenAwake: (go: () => void) => void;
}

export type Behaviour = (call: Call) => void | Promise<void>;

const number = (call: Call, name: string, otherwise: number): number =>
  Number(call.url.searchParams.get(name) ?? otherwise);
const text = (call: Call, name: string, otherwise: string): string => call.url.searchParams.get(name) ?? otherwise;
const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Never early: a timer counts from when its turn of the loop began, and can fire 1 ms before its time. */
async function pauseWhole(ms: number): Promise<void> {
  const untilMs = performance.now() + ms;
  for (let leftMs = ms; leftMs > 0; leftMs = untilMs - performance.now()) await pause(leftMs);
}

/** A whole answer; the record's end is the moment before its last byte is handed to the system. */
function answer(call: Call, status: number, headers: Record<string, string>, body: string | Uint8Array): void {
  call.whenAwake(() => {
    if (call.entry.ended || call.socket.destroyed) return;
    const length = { 'content-length': String(Buffer.byteLength(body)) };
    call.response.writeHead(status, bodiless(status) ? headers : { ...length, ...headers });
    call.entry.answered(status);
    call.response.end(bodiless(status) ? undefined : body);
  });
}

function bodiless(status: number): boolean {
  return status === 204 || status === 304;
}

function ok(call: Call, body: string | Uint8Array = 'ok'): void {
  answer(call, 200, { 'content-type': 'text/plain' }, body);
}

function reset(call: Call, outcome: 'reset' | 'cut'): void {
  call.entry.brokenOff(outcome);
  call.socket.resetAndDestroy();
}

/** `ms:share` pairs, '5:0.7,50:0.3'. 'ms~ms' is uniform between the two. */
function drawFrom(mixture: string, random: () => number): number {
  const parts = mixture.split(',').map((part) => part.split(':'));
  let left = random() * parts.reduce((sum, [, share]) => sum + Number(share), 0);
  const chosen = parts.find(([, share]) => (left -= Number(share)) < 0) ?? parts.at(-1)!;
  const [low, high] = chosen[0]!.split('~').map(Number);
  return high === undefined ? low! : low! + random() * (high - low!);
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

let turn: Promise<void> = Promise.resolve();

/** A gigabyte of zeros in a megabyte: the same compressed megabytes again and again. */
function bomb(megabytes: number): Readable {
  const zeros = Buffer.alloc(1_000_000);
  const source = Readable.from(
    (function* () {
      for (let sent = 0; sent < megabytes; sent++) yield zeros;
    })(),
  );
  return source.pipe(createGzip({ level: 1 }));
}

const codings: Readonly<Record<string, (plain: Buffer) => Buffer>> = {
  gzip: (plain) => gzipSync(plain),
  br: (plain) => brotliCompressSync(plain),
  deflate: (plain) => deflateSync(plain),
  /** What some servers send under the name 'deflate'. */
  'deflate-raw': (plain) => deflateRawSync(plain),
};

export const behaviours: Readonly<Record<string, Behaviour>> = {
  /** /bytes?n=100 */
  '/bytes': (call) => ok(call, 'x'.repeat(number(call, 'n', 100))),

  /** /delay?ms=100 */
  '/delay': async (call) => {
    await pauseWhole(number(call, 'ms', 100));
    ok(call);
  },

  /** /mixture?of=5~10:0.7,50:0.3 */
  '/mixture': async (call) => {
    await pauseWhole(drawFrom(text(call, 'of', '10:1'), call.random));
    ok(call);
  },

  /** /trickle?bytes=50&ms=500: the head at once, then the body in even steps */
  '/trickle': async (call) => {
    const bytes = number(call, 'bytes', 50);
    const totalMs = number(call, 'ms', 500);
    const startMs = performance.now();
    call.response.writeHead(200, { 'content-length': String(bytes) });
    for (let sent = 1; sent <= bytes; sent++) {
      await pauseWhole(startMs + (totalMs * sent) / bytes - performance.now());
      if (sent < bytes) call.response.write('x');
    }
    call.entry.answered(200);
    call.response.end('x');
  },

  /** /status/503 */
  '/status': (call) => answer(call, Number(call.url.pathname.split('/')[2]), {}, 'a status was asked for'),

  /** /every/5/500: each fifth answer, from the fifth, has that status; 429 with Retry-After */
  '/every': (call) => {
    const [, , every, status] = call.url.pathname.split('/').map(Number);
    if ((call.entry.number + 1) % every! !== 0) ok(call);
    else if (status === 429) answer(call, 429, { 'retry-after': '1' }, 'slow down');
    else answer(call, status!, {}, 'a status was asked for');
  },

  /** /reset?every=1&when=before|body: resets the connection, each so many times */
  '/reset': (call) => {
    if ((call.entry.number + 1) % number(call, 'every', 1) !== 0) ok(call);
    else if (text(call, 'when', 'before') === 'before') reset(call, 'reset');
    else {
      call.response.writeHead(200, { 'content-length': '1000' });
      // Once the first half has left, or the reset would overtake it.
      call.response.write('x'.repeat(500), () => setTimeout(() => reset(call, 'cut'), 5));
    }
  },

  /** /encoded?coding=gzip: JSON of some length */
  '/encoded': (call) => {
    const coding = text(call, 'coding', 'gzip');
    const plain = Buffer.from(JSON.stringify({ coding, list: Array.from({ length: 500 }, (_, at) => at) }));
    const headers = { 'content-type': 'application/json', 'content-encoding': coding.replace('-raw', '') };
    answer(call, 200, headers, codings[coding]!(plain));
  },

  /** /bomb?mb=1000: gzip that grows a thousandfold */
  '/bomb': (call) => {
    call.response.writeHead(200, { 'content-encoding': 'gzip' });
    call.response.once('finish', () => call.entry.answered(200));
    bomb(number(call, 'mb', 1000)).pipe(call.response);
  },

  /** /huge?mb=1000: a body of so many megabytes, never held as a whole */
  '/huge': (call) => {
    const megabytes = number(call, 'mb', 1000);
    const piece = Buffer.alloc(1_000_000, 'x');
    call.response.writeHead(200, { 'content-length': String(megabytes * piece.length) });
    call.response.once('finish', () => call.entry.answered(200));
    let left = megabytes;
    const more = (): void => {
      while (left > 0 && !call.response.destroyed) {
        left--;
        if (!call.response.write(piece)) return void call.response.once('drain', more);
      }
      call.response.end();
    };
    more();
  },

  /** /echo: what came, as JSON */
  '/echo': async (call) => {
    const { method, url, headers, rawHeaders } = call.request;
    const body = (await readBody(call.request)).toString('latin1');
    answer(
      call,
      200,
      { 'content-type': 'application/json' },
      JSON.stringify({ method, url, headers, rawHeaders, body }),
    );
  },

  /** /cookies?set=name%3Dvalue: sets one; without it, tells which came */
  '/cookies': (call) => {
    const wanted = call.url.searchParams.get('set');
    const headers: Record<string, string> = wanted === null ? {} : { 'set-cookie': `${wanted}; Path=/` };
    answer(call, 200, headers, call.request.headers.cookie ?? '');
  },

  /** /redirect?to=/bytes&status=302, also to another origin; /redirect without `to` leads to itself */
  '/redirect': (call) => {
    const location = call.url.searchParams.get('to') ?? '/redirect';
    answer(call, number(call, 'status', 302), { location }, '');
  },

  /** /chunked?pieces=3: chunks with extensions and a trailer, and then the connection ends */
  '/chunked': (call) => {
    const pieces = Array.from({ length: number(call, 'pieces', 3) }, (_, at) => `5;note="${at}"\r\nhello\r\n`);
    const head = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n';
    call.entry.answered(200);
    call.socket.end(`${head}${pieces.join('')}0;last\r\nx-trailer: yes\r\n\r\n`);
  },

  /** /until-close: neither length nor chunks */
  '/until-close': (call) => {
    call.entry.answered(200);
    call.socket.end('HTTP/1.1 200 OK\r\n\r\nhello until the end');
  },

  /** /interim: a 103 before the answer */
  '/interim': (call) => {
    call.response.writeEarlyHints({ link: '</style.css>; rel=preload' });
    ok(call);
  },

  /** /slow-head?ms=500: the head byte by byte */
  '/slow-head': async (call) => {
    const head = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n';
    const totalMs = number(call, 'ms', 500);
    const startMs = performance.now();
    for (let sent = 0; sent < head.length; sent++) {
      await pauseWhole(startMs + (totalMs * (sent + 1)) / head.length - performance.now());
      if (call.socket.destroyed) return;
      call.socket.write(head[sent]!);
    }
    call.entry.answered(200);
    call.socket.end('ok');
  },

  /** /never */
  '/never': () => {},

  /** /serial?ms=5: one at a time, in the order they came */
  '/serial': (call) => {
    turn = turn.then(() => pauseWhole(number(call, 'ms', 5))).then(() => ok(call));
  },
};

/** Every other path. */
export const otherwise: Behaviour = (call) => ok(call);
