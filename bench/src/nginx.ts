/** The target: nginx with one worker, a private configuration and a free port. It counts requests for itself. */
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { end, run, start } from './processes.ts';
import { receiptText } from './load/order.ts';
import type { Scratch } from './scratch.ts';

const fileBytes = 100;

export interface Target {
  /** 'nginx/1.22.1' */
  readonly version: string;
  /** Serves a file of 100 bytes. */
  readonly fileUrl: string;
  /** Answers every POST with a fixed JSON text. */
  readonly ordersUrl: string;
  readonly origin: string;
  status(): Promise<TargetStatus>;
  stop(): void;
}

/** nginx's own counters, from stub_status; the question itself is in them. */
export interface TargetStatus {
  readonly active: number;
  readonly accepted: number;
  readonly requests: number;
}

/** Errors: nginx is not installed. */
export async function nginxVersion(): Promise<string> {
  const { stderr } = await run(nginx(['-v'])).catch((error: unknown) => {
    throw new Error('nginx, the target, cannot be started — install it (Debian: nginx)', { cause: error });
  });
  return /nginx\/\S+/.exec(stderr)?.[0] ?? 'nginx';
}

/** Errors: nginx is not installed, or does not start. */
export async function startNginx(scratch: Scratch, connections: number): Promise<Target> {
  const folder = scratch.folder('nginx');
  writeFileSync(join(folder, 'file.txt'), 'x'.repeat(fileBytes));
  const version = await nginxVersion();
  const port = await freePort();
  writeFileSync(join(folder, 'nginx.conf'), configuration(folder, port, connections));
  const log = openSync(join(folder, 'stderr.txt'), 'w');
  const server = start(nginx(['-p', folder, '-c', join(folder, 'nginx.conf')]), ['ignore', 'ignore', log]);
  closeSync(log);
  const origin = `http://127.0.0.1:${port}`;
  await listening(port);
  return {
    version,
    origin,
    fileUrl: `${origin}/file.txt`,
    ordersUrl: `${origin}/orders`,
    status: async () => parseStatus(await text(`${origin}/status`)),
    stop: () => {
      end(server);
    },
  };
}

/** Debian keeps servers in sbin, which is not on everybody's path. */
function nginx(args: readonly string[]) {
  return { program: 'nginx', args, env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` } };
}

function configuration(folder: string, port: number, connections: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  // Idle connections are closed as soon as fewer than a sixteenth of all are free.
  const enough = Math.ceil(connections * 1.1) + 50;
  return `
worker_processes 1; daemon off; pid ${folder}/pid; error_log ${folder}/error.log crit;
worker_rlimit_nofile ${enough + 50};
events { worker_connections ${enough}; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 600; sendfile on; open_file_cache max=100;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / { root ${folder}; }
    location = /orders { default_type application/json; return 200 '${receiptText}'; }
    location = /status { stub_status; }
  }
}
`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isOpen) return;
    await pause(50);
  }
  throw new Error('nginx did not start listening within 5 s');
}

function text(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, timeout: 5000 }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => (body += part));
      response.once('end', () => resolve(body));
    });
    request.once('error', reject);
    request.once('timeout', () => request.destroy(new Error('nginx did not tell its status within 5 s')));
  });
}

/** 'Active connections: 2 \nserver accepts handled requests\n 1 1 1 \nReading: 0 Writing: 1 Waiting: 1' */
export function parseStatus(status: string): TargetStatus {
  const match = /Active connections: (\d+)\s[^]*?requests\s+(\d+) \d+ (\d+)/.exec(status);
  if (!match) throw new Error(`nginx told no status, but: ${status.slice(0, 80)}`);
  return { active: Number(match[1]), accepted: Number(match[2]), requests: Number(match[3]) };
}
