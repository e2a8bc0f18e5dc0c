import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunResult } from '../../src/model/result.ts';
import { certificate } from '../support/certificates.ts';
import { Project, startTarget, type TestTarget } from '../support/cli.ts';

let project: Project;
let target: TestTarget;
let received: string[];

beforeEach(async () => {
  project = new Project();
  received = [];
  target = await startTarget((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      received.push([request.method, request.headers['content-type'], request.headers['x-a'], body].join(' '));
      response.end('ok');
    });
  });
});
afterEach(async () => {
  project.remove();
  await target.close();
});

test('sends so many requests, and says what it saw', async () => {
  const { code, stdout } = await project.plimsoll('quick', `${target.url}/a`, '-n', '25', '-c', '3');
  expect(code).toBe(0);
  expect(target.requests).toEqual(Array<string>(25).fill('GET /a'));
  expect(stdout).toContain('25 requests');
  expect(project.lastResult().tests[0]).toMatchObject({ requests: 25, status: { '200': 25 }, connectionsOpened: 3 });
});

test('the scheme may be left out, and nothing is stored if so wished', async () => {
  const { code } = await project.plimsoll('quick', `127.0.0.1:${target.port}`, '-n', '1', '--no-store');
  expect(code).toBe(0);
  expect(target.requests).toEqual(['GET /']);
  expect(project.runs()).toEqual([]);
});

test('a rate with a number of requests sends exactly those', async () => {
  const { code } = await project.plimsoll('quick', target.url, '-r', '50/s', '-n', '20');
  // 3 on a machine too busy to measure: what was sent is the same.
  expect([0, 3]).toContain(code);
  expect(target.requests).toHaveLength(20);
  expect(project.lastResult().tests[0]).toMatchObject({ model: 'open', requests: 20 });
});

test('more workers than cores are possible, and said to spoil the figures', async () => {
  const cores = availableParallelism();
  const { code, stderr } = await project.plimsoll('quick', target.url, '-n', '20', '--workers', String(cores + 1));
  expect([0, 3]).toContain(code);
  expect(target.requests).toHaveLength(20);
  expect(stderr).toContain(`${cores + 1} workers take turns on ${cores} core`);
});

test('headers and body arrive as given, JSON as JSON, a file as its content', async () => {
  await project.plimsoll('quick', target.url, '-n', '1', '--body', '{"a":1}', '-H', 'X-A: b');
  project.write('body.txt', 'from a file');
  await project.plimsoll('quick', target.url, '-n', '1', '-m', 'put', '--body', '@body.txt');
  expect(received).toEqual(['POST application/json b {"a":1}', 'PUT   from a file']);
  // Neither is stored.
  expect(project.lastResult().command).not.toContain('body.txt');
});

test('--json prints exactly the stored result', async () => {
  const { code, stdout } = await project.plimsoll('quick', target.url, '-n', '3', '--json');
  expect(code).toBe(0);
  expect(stdout).toBe(readFileSync(join(project.runs()[0]!, 'result.json'), 'utf8'));
  expect((JSON.parse(stdout) as RunResult).tests[0]?.requests).toBe(3);
});

test('an answer of 500 fails: exit 1', async () => {
  const failing = await startTarget((_, response) => response.writeHead(500).end());
  const { code } = await project.plimsoll('quick', failing.url, '-n', '3');
  await failing.close();
  expect(code).toBe(1);
});

test('nobody there: exit 4 before the first request, one sentence, stored as unreachable', async () => {
  await target.close();
  const { code, stderr } = await project.plimsoll('quick', target.url, '-n', '1');
  expect(code).toBe(4);
  expect(stderr).toMatch(/^plimsoll: cannot reach http:\/\/127\.0\.0\.1:\d+: .*refused the connection.*\n$/);
  expect(project.lastResult()).toMatchObject({ verdict: 'unreachable', tests: [] });
});

test('a certificate that is not trusted: exit 4, unless it is not to be verified', async () => {
  const server = createServer(certificate('self-signed'), (_, response) => response.end('ok'));
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const refused = await project.plimsoll('quick', url, '-n', '1');
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain('certificate');
    expect((await project.plimsoll('quick', url, '-n', '1', '-k')).code).toBe(0);
  } finally {
    server.close();
  }
});

test('another host is refused before any look-up, with the line to add', async () => {
  const { code, stderr } = await project.plimsoll('quick', 'http://load-me.invalid/', '-n', '1');
  expect(code).toBe(2);
  expect(stderr).toContain('load-me.invalid');
  expect(stderr).toContain('--allow load-me.invalid');
  expect(project.runs()).toEqual([]);
  // Once allowed, it is looked up, and not found.
  const allowed = await project.plimsoll('quick', 'http://load-me.invalid/', '-n', '1', '--allow', 'load-me.invalid');
  expect(allowed.code).toBe(4);
});
