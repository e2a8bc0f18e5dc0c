/** Starts other programs, each in a process group of its own, and leaves none of them behind. */
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** How a person would type it, where that differs: 'plimsoll' for node and the path of a script. */
  readonly shown?: string;
}

export interface Finished {
  /** null: ended by a signal. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const running = new Set<ChildProcess>();

export function start(command: Command, stdio: StdioOptions): ChildProcess {
  const child = spawn(command.program, command.args, {
    stdio,
    detached: true,
    ...(command.cwd !== undefined && { cwd: command.cwd }),
    env: { ...process.env, ...command.env },
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  child.once('error', () => running.delete(child));
  return child;
}

/** Waits for the end. Errors: the program cannot be started, or takes longer than `limitMs` and is killed. */
export function ended(child: ChildProcess, limitMs: number): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    const limit = setTimeout(() => {
      reject(new Error(`did not end within ${Math.round(limitMs / 1000)} s`));
      end(child);
    }, limitMs);
    child.once('error', (error) => {
      clearTimeout(limit);
      reject(error);
    });
    child.once('close', (code) => {
      clearTimeout(limit);
      resolve({ code, stdout: stdout(), stderr: stderr() });
    });
  });
}

/** Runs a program to its end and keeps what it prints. Errors: as `ended`. */
export function run(command: Command, limitMs = 60_000): Promise<Finished> {
  return ended(start(command, ['ignore', 'pipe', 'pipe']), limitMs);
}

/** Kills the program and all it has started. */
export function end(child: ChildProcess): void {
  if (child.pid === undefined || !running.has(child)) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}

export function endAll(): void {
  for (const child of running) end(child);
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  const parts: Buffer[] = [];
  stream?.on('data', (part: Buffer) => parts.push(part));
  return () => Buffer.concat(parts).toString('utf8');
}
