/** Several services at once, asked one after the other, round after round: a machine that changes its mood changes it for all of them. */
import { setTimeout as pause } from 'node:timers/promises';
import { end, start } from '../processes.ts';
import type { Scratch } from '../scratch.ts';
import { rotated } from '../statistics.ts';
import { startService, type Backend, type Service } from './service.ts';

interface Contestant {
  readonly name: string;
  readonly service: Service;
}

/** Runs `measure` for each in every round; each round begins with another one. */
export async function inTurn<C>(
  contestants: readonly C[],
  rounds: number,
  measure: (contestant: C, round: number) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (const contestant of rotated(contestants, round)) await measure(contestant, round);
  }
}

/** Starts one for each configuration, and stops them all afterwards. What is idle takes memory and no processor. */
export async function withServices<T>(
  backend: Backend,
  configurations: readonly (readonly [name: string, flags: readonly string[]])[],
  scratch: Scratch,
  work: (contestants: readonly Contestant[]) => Promise<T>,
  env: Readonly<Record<string, string>> = {},
): Promise<T> {
  const contestants: Contestant[] = [];
  try {
    for (const [name, flags] of configurations) {
      // A database of its own: the naive one drops its indexes.
      const folder = scratch.folder(`api-${name.replaceAll(' ', '-')}`);
      contestants.push({ name, service: await startService(backend, flags, folder, env) });
    }
    return await work(contestants);
  } finally {
    for (const { service } of contestants) await service.stop();
  }
}

const barePath = new URL('../../api/bare-route.mjs', import.meta.url);
const barePort = 4898;

/** A Fastify server that does nothing but send the text. */
export async function withBareRoute<T>(body: string, work: (url: string) => Promise<T>): Promise<T> {
  const url = `http://127.0.0.1:${barePort}/`;
  const args = [barePath.pathname, `${barePort}`];
  const child = start({ program: process.execPath, args, env: { BODY: body } }, 'ignore');
  try {
    for (let tries = 0; tries < 200; tries++) {
      if ((await fetch(url).catch(() => undefined))?.ok === true) break;
      await pause(50);
    }
    return await work(url);
  } finally {
    end(child);
    await pause(200);
  }
}
