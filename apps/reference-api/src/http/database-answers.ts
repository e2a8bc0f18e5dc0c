/** Whether the databases answer, asked now. Whatever hangs, this does not. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Stores } from '../ports/stores.ts';

const pingTimeoutMs = 900;

export function databaseAnswers(stores: Pick<Stores, 'ping'>): Promise<boolean> {
  return inTime(stores.ping().then(() => true));
}

/** undefined: there is none. */
export function replicaAnswers({ replica }: Pick<Stores, 'replica'>): Promise<boolean> | undefined {
  return replica && inTime(replica.look());
}

async function inTime(looking: Promise<boolean>): Promise<boolean> {
  const gaveUp = new AbortController();
  const late = pause(pingTimeoutMs, false, { signal: gaveUp.signal }).catch(() => false);
  const answer = await Promise.race([looking.catch(() => false), late]);
  gaveUp.abort();
  return answer;
}
