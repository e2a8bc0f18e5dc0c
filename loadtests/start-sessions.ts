/** Sessions that run, for tests that watch or cancel them. */
import type { Http } from 'plimsoll';
import type { Session, SessionPage } from './api-types.ts';

/** Their ids. The simulated optimiser ends a session after five steps at the earliest. */
export async function startSessions(http: Http, token: string, count: number): Promise<readonly string[]> {
  const path = '/optimization/sessions';
  const page = (await http.get(path, { bearer: token, query: { limit: 1 } })).orThrow().json<SessionPage>();
  const json = { model_id: page.sessions[0]!.model_id, technique: 'quantisation' };
  const ids: string[] = [];
  while (ids.length < count) {
    const started = (await http.post(path, { bearer: token, json, expect: 201 })).orThrow();
    ids.push(started.json<Session>().id);
  }
  return ids;
}
