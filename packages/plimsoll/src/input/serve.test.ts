import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TargetUnreachableError } from '../kernel/errors.ts';
import { startService, type Service } from './serve.ts';

let port: number;
const events = { onLine: vi.fn<(text: string) => void>(), onDeath: vi.fn<(message: string) => void>() };
let service: Service | undefined;

beforeEach(async () => {
  vi.resetAllMocks();
  vi.stubEnv('CI', '');
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  port = (server.address() as AddressInfo).port;
  await new Promise((closed) => server.close(closed));
});
afterEach(async () => {
  await service?.stop();
  service = undefined;
  vi.unstubAllEnvs();
});

/** A server behind a shell and a second process, as `npm start` is. */
function command(script: string): string {
  return `true && "${process.execPath}" -e '${script}'`;
}
const listening = `console.log("hello"); require("http").createServer((q, s) => s.end()).listen(process.env.PORT, "127.0.0.1")`;

function url(): string {
  return `http://127.0.0.1:${port}/`;
}

test('starts the command with its environment, waits until it answers, and stops all of it', async () => {
  const env = { PORT: String(port) };
  service = await startService({ command: command(listening), url: url(), env }, '/', events);
  expect((await fetch(url())).ok).toBe(true);
  expect(events.onLine).toHaveBeenCalledWith('hello');
  await service.stop();
  await expect(fetch(url())).rejects.toThrow();
  expect(events.onDeath).not.toHaveBeenCalled();
});

test('kills what does not heed SIGTERM', async () => {
  const stubborn = `process.on("SIGTERM", () => {}); ${listening}`;
  service = await startService({ command: command(stubborn), url: url(), env: { PORT: String(port) } }, '/', events);
  expect((await fetch(url())).ok).toBe(true);
  await service.stop(50);
  await expect(fetch(url())).rejects.toThrow();
});

test('a service that dies before it is ready is told with its last lines', async () => {
  const failing = `console.error("no database"); process.exit(3)`;
  const error: unknown = await startService({ command: command(failing), url: url() }, '/', events).catch(
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(TargetUnreachableError);
  expect((error as Error).message).toMatch(/ended with exit code 3 before it was ready .*\n {4}no database$/s);
});

test('a service that never answers is told after its time', async () => {
  const start = startService(
    { command: command('setInterval(() => {}, 1000)'), url: url(), timeout: '300ms' },
    '/',
    events,
  );
  await expect(start).rejects.toThrow(`did not answer at ${url()} within 0.3 s`);
});

test('a death later on is reported', async () => {
  const shortLived = `${listening}.on("request", () => setTimeout(() => process.exit(7), 20))`;
  service = await startService({ command: command(shortLived), url: url(), env: { PORT: String(port) } }, '/', events);
  await vi.waitFor(() => expect(events.onDeath).toHaveBeenCalledWith('the service ended with exit code 7'));
});

test('a service that answers already is taken, but not in CI', async () => {
  const server = createServer((_, response) => response.end()).listen(port, '127.0.0.1');
  try {
    const existing = await startService({ command: 'false', url: url() }, '/', events);
    expect(existing.reused).toBe(true);
    vi.stubEnv('CI', 'true');
    await expect(startService({ command: 'false', url: url() }, '/', events)).rejects.toThrow('answers already');
  } finally {
    server.close();
  }
});
