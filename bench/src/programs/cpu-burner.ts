/** Burns so many seconds of CPU time on each of two threads, half of them in the kernel, and says what it has used. */
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isMainThread, Worker } from 'node:worker_threads';

const seconds = Number(process.argv[2]);
const usedSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

function burn(): void {
  const until = performance.now() + seconds * 1000;
  let sum = 0;
  while (performance.now() < until) {
    for (let i = 0; i < 10_000; i++) sum += Math.sqrt(i);
    for (let i = 0; i < 20; i++) statSync('/');
  }
  if (Number.isNaN(sum)) throw new Error('a sum of roots is a number');
}

burn();
if (isMainThread) {
  // The second half on a thread, because a thread's time belongs to the process too.
  const worker = new Worker(fileURLToPath(import.meta.url), { argv: process.argv.slice(2) });
  worker.once('exit', () => process.stdout.write(`${usedSeconds()}\n`));
}
