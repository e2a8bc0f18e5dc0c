/** Starts those programs of the bench that listen and print their port as JSON. */
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { end, start } from './processes.ts';

export interface Listening {
  readonly child: ChildProcess;
  readonly port: number;
}

/** Errors: the program ends, or does not tell its port within 10 s. */
export async function startListening(name: 'ws-server' | 'socket-io-server' | 'echo-server'): Promise<Listening> {
  const program = fileURLToPath(new URL(`programs/${name}.js`, import.meta.url));
  const child = start({ program: process.execPath, args: [program] }, ['ignore', 'pipe', 'inherit']);
  const port = await new Promise<number>((resolve, reject) => {
    const limit = setTimeout(() => {
      end(child);
      reject(new Error(`${name} told no port within 10 s`));
    }, 10_000);
    child.stdout?.once('data', (line: Buffer) => {
      clearTimeout(limit);
      resolve((JSON.parse(line.toString()) as { port: number }).port);
    });
    child.once('exit', (code) => {
      clearTimeout(limit);
      reject(new Error(`${name} ended with code ${String(code)}`));
    });
  });
  return { child, port };
}
