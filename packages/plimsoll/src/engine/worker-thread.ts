/** A worker as a thread of this process, behind the contract of `channel.ts`. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { BrokenError } from '../kernel/errors.ts';
import type { HostMessage, WorkerMessage } from './channel.ts';

/** The host's end of one worker, wherever it runs. */
export interface WorkerHandle {
  send(message: HostMessage): void;
  /** Ends it now, also in an endless loop. */
  terminate(): Promise<void>;
}

export interface WorkerEvents {
  message(message: WorkerMessage): void;
  /** A line the tests printed by themselves. */
  printed(level: 'log' | 'error', text: string): void;
  /** It is gone without having been asked to go. */
  died(reason: string): void;
}

function readLines(stream: Readable, tell: (line: string) => void): Interface {
  const lines = createInterface({ input: stream });
  lines.on('line', tell);
  return lines;
}

export type SpawnWorker = (events: WorkerEvents) => WorkerHandle;

/**
 * Three spaces of 4 MB. What a request leaves behind is dead at once, so collecting the young more often costs no time
 * that `npm run bench` could show, and V8's own limit of 48 MB lets memory grow by 15 MB in 90 s at full speed.
 */
const resourceLimits = { maxYoungGenerationSizeMb: 12 };

export const spawnThread: SpawnWorker = (events) => {
  let over = false;
  // What the tests print is theirs to say and the run's to keep; standard output is the report's.
  const worker = new Worker(entryFile(), { stdout: true, stderr: true, resourceLimits });
  const reading = [
    readLines(worker.stdout, (line) => {
      events.printed('log', line);
    }),
    readLines(worker.stderr, (line) => {
      events.printed('error', line);
    }),
  ];
  const died = (reason: string): void => {
    if (over) return;
    over = true;
    events.died(reason);
  };
  worker.on('message', (message: WorkerMessage) => {
    events.message(message);
  });
  worker.on('error', (error: unknown) => {
    died(error instanceof Error ? error.message : String(error));
  });
  worker.on('exit', (code) => {
    died(`its thread ended with code ${code}`);
  });
  return {
    send(message) {
      worker.postMessage(message);
    },
    async terminate() {
      over = true;
      await worker.terminate();
      for (const lines of reading) lines.close();
    },
  };
};

/** The bundler moves this module, so the entry is found from the package's root. */
function entryFile(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const file = join(folder, 'dist', 'engine', 'worker', 'entry.js');
    if (existsSync(file)) return file;
    const above = dirname(folder);
    if (above === folder) break;
    folder = above;
  }
  throw new BrokenError('the file of the worker is missing from this install of plimsoll', {
    hint: 'install it again',
  });
}
