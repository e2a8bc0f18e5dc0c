/** Sessions that run, for tests that watch or cancel them. */
import type { Http } from 'plimsoll';
import type { Session, SessionPage } from './api-types.ts';

const path = '/optimization/sessions';

/** Their ids. The simulated optimiser ends a session after five steps at the earliest. */
export async function startSessions(http: Http, token: string, count: number): Promise<readonly string[]> {
  const model = await anyModel(http, token);
  const ids: string[] = [];
  while (ids.length < count) ids.push(await startSession(http, token, model));
  return ids;
}

export async function startSession(http: Http, token: string, model: string): Promise<string> {
  const json = { model_id: model, technique: 'quantisation' };
  return (await http.post(path, { bearer: token, json, expect: 201 })).orThrow().json<Session>().id;
}

/** The id of a model that there is. */
export async function anyModel(http: Http, token: string): Promise<string> {
  const page = (await http.get(path, { bearer: token, query: { limit: 1 } })).orThrow().json<SessionPage>();
  return page.sessions[0]!.model_id;
}
