/** Whether the database answers, asked now. Whatever hangs, this does not. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Stores } from '../ports/stores.ts';

const pingTimeoutMs = 900;

export async function databaseAnswers(stores: Pick<Stores, 'ping'>): Promise<boolean> {
  const gaveUp = new AbortController();
  const answered = stores.ping().then(
    () => true,
    () => false,
  );
  const late = pause(pingTimeoutMs, false, { signal: gaveUp.signal }).catch(() => false);
  const answer = await Promise.race([answered, late]);
  gaveUp.abort();
  return answer;
}
