/** The service under test, started before a run and stopped after it, with everything it started itself. */
import { spawn, type ChildProcess } from 'node:child_process';
import { request } from 'node:http';
import { request as requestTls } from 'node:https';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { systemClock, type Clock } from '../kernel/clock.ts';
import { TargetUnreachableError } from '../kernel/errors.ts';
import { withoutUserInfo } from '../kernel/shown-url.ts';
import { parseDurationMs } from '../kernel/units.ts';
import type { ServeConfig } from '../model/config.ts';

export interface ServeEvents {
  /** A line of the service's output. */
  onLine(text: string): void;
  /** It ended by itself after it had been ready. */
  onDeath(message: string): void;
}

export interface Service {
  /** true: it answered already and was not started by us. */
  readonly reused: boolean;
  /** SIGTERM to the whole process group, SIGKILL after `graceMs`; resolves when it is gone. */
  stop(graceMs?: number): Promise<void>;
}

const lastLinesKept = 20;
const pollMs = 100;
const defaultTimeoutMs = 60_000;

/**
 * Resolves when the ready URL answers.
 *
 * @throws TargetUnreachableError with its last lines when it ends first, or is not ready in time
 */
export async function startService(
  serve: ServeConfig,
  root: string,
  events: ServeEvents,
  clock: Clock = systemClock,
): Promise<Service> {
  if (await answers(serve.url)) {
    // On a developer's machine a service that runs already is the one meant; in CI it is a left-over.
    if (serve.reuseExisting ?? !process.env['CI']) return { reused: true, stop: () => Promise.resolve() };
    throw new TargetUnreachableError(`${withoutUserInfo(serve.url)} answers already, before the service was started`, {
      hint: 'stop what runs there, or set serve.reuseExisting',
    });
  }
  const service = new StartedService(serve, root, events, clock);
  try {
    await service.ready();
  } catch (error) {
    await service.stop();
    throw error;
  }
  return service;
}

class StartedService implements Service {
  readonly reused = false;
  private readonly serve: ServeConfig;
  private readonly events: ServeEvents;
  private readonly clock: Clock;
  private readonly child: ChildProcess;
  private readonly lastLines: string[] = [];
  private readonly ended: Promise<void>;
  /** How it ended, in words; undefined while it runs. */
  private end: string | undefined;
  private stopping = false;
  private wasReady = false;

  constructor(serve: ServeConfig, root: string, events: ServeEvents, clock: Clock) {
    this.serve = serve;
    this.events = events;
    this.clock = clock;
    this.child = spawn(serve.command, {
      shell: true,
      cwd: resolve(root, serve.cwd ?? '.'),
      env: { ...process.env, ...serve.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own: Ctrl-C reaches us alone, and the shell's children can be stopped with it.
      detached: process.platform !== 'win32',
    });
    this.ended = this.watchEnd();
    for (const stream of [this.child.stdout, this.child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.keep(line));
    }
    process.once('exit', this.killNow);
  }

  async ready(): Promise<void> {
    const timeoutMs = parseDurationMs(this.serve.timeout ?? defaultTimeoutMs);
    const deadline = this.clock.now() + timeoutMs;
    while (!(await answers(this.serve.url))) {
      if (this.end !== undefined) throw this.unreachable(`the service ${this.end} before it was ready`);
      if (this.clock.now() >= deadline) {
        throw this.unreachable(
          `the service did not answer at ${withoutUserInfo(this.serve.url)} within ${timeoutMs / 1000} s`,
        );
      }
      await new Promise<void>((wake) => this.clock.after(pollMs, wake));
    }
    this.wasReady = true;
  }

  async stop(graceMs = 5000): Promise<void> {
    this.stopping = true;
    if (this.end === undefined) {
      this.signal('SIGTERM');
      const timer = this.clock.after(graceMs, () => this.signal('SIGKILL'));
      await this.ended;
      timer.cancel();
    }
    // The shell may be gone while what it started still runs.
    this.killNow();
    process.removeListener('exit', this.killNow);
  }

  private readonly killNow = (): void => this.signal('SIGKILL');

  private signal(name: NodeJS.Signals): void {
    const { pid } = this.child;
    if (pid === undefined) return;
    try {
      if (process.platform === 'win32') this.child.kill(name);
      else process.kill(-pid, name);
    } catch {
      // ESRCH: it is gone already.
    }
  }

  private watchEnd(): Promise<void> {
    return new Promise((done) => {
      const finish = (how: string): void => {
        if (this.end !== undefined) return;
        this.end = how;
        if (this.wasReady && !this.stopping) this.events.onDeath(`the service ${how}`);
        done();
      };
      this.child.once('error', (error) => finish(`could not be started (${error.message})`));
      // 'close' comes after the last of its output, but not while a grandchild holds the pipe.
      this.child.once('exit', (code, signal) => {
        const how = code === null ? `was ended by ${String(signal)}` : `ended with exit code ${code}`;
        this.child.once('close', () => finish(how));
        this.clock.after(200, () => finish(how));
      });
    });
  }

  private keep(line: string): void {
    this.lastLines.push(line);
    if (this.lastLines.length > lastLinesKept) this.lastLines.shift();
    this.events.onLine(line);
  }

  private unreachable(what: string): TargetUnreachableError {
    const output = this.lastLines.map((line) => `\n    ${line}`).join('');
    const said = output ? `; its last lines:${output}` : '; it printed nothing';
    return new TargetUnreachableError(`${what} (${this.serve.command})${said}`);
  }
}

/** Whether the URL answers as something that is up: anything but 'not found' and server errors, as in Playwright. */
function answers(url: string): Promise<boolean> {
  return new Promise((done) => {
    const unix = /^unix:(?:\/\/)?(\/[^:]+)(?::(\/.*))?$/.exec(url);
    const options = unix ? { socketPath: unix[1], path: unix[2] ?? '/' } : {};
    const send = url.startsWith('https:') ? requestTls : request;
    // Only whether it answers is asked; a development certificate is good enough for that.
    const asked = send(unix ? 'http://localhost' : url, { ...options, timeout: 5000, rejectUnauthorized: false });
    asked.once('response', (response) => {
      response.resume();
      done((response.statusCode ?? 500) < 404);
    });
    asked.once('timeout', () => asked.destroy());
    asked.once('error', () => done(false));
    asked.once('close', () => done(false));
    asked.end();
  });
}
