/** Programs of this machine, run as private instances: found, started in a folder of their own, waited for, ended. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const debian = '/usr/lib/postgresql';
const postgresFolders = existsSync(debian) ? readdirSync(debian).map((version) => join(debian, version, 'bin')) : [];
const folders = [...postgresFolders, ...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];

/** Errors: one sentence with the package to install. */
export function find(name, debianPackage) {
  const path = folders.map((folder) => join(folder, name)).find((each) => existsSync(each));
  if (path === undefined) throw new Error(`${name} is missing — install it (Debian: apt-get install ${debianPackage})`);
  return path;
}

/** One program that is to run until all end. */
export class Program {
  constructor(name, path, args, options = {}) {
    this.name = name;
    this.said = '';
    this.child = spawn(path, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.once('error', (error) => (this.said += String(error)));
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (this.said = (this.said + text).slice(-4000)));
    }
  }

  get hasEnded() {
    return this.child.pid === undefined || this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Resolves when `isUp` does so with true. */
  async ready(isUp, timeoutMs = 30_000) {
    const untilMs = performance.now() + timeoutMs;
    while (!(await isUp())) {
      if (this.hasEnded) throw new Error(`${this.name} ended while it was started: ${this.said.trim()}`);
      if (performance.now() > untilMs) throw new Error(`${this.name} was not ready in time: ${this.said.trim()}`);
      await pause(50);
    }
  }

  async stop(signal = 'SIGTERM', timeoutMs = 12_000) {
    if (this.hasEnded) return;
    const ended = once(this.child, 'exit');
    this.child.kill(signal);
    const timer = setTimeout(() => this.child.kill('SIGKILL'), timeoutMs);
    await ended;
    clearTimeout(timer);
  }
}

export function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
