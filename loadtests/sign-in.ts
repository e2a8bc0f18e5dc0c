/** A token for the whole test, from its set-up. */
import type { Http } from 'plimsoll';
import type { Token } from './api-types.ts';

/** LOAD_USER and LOAD_PASSWORD name another user than the one that the suite's own API is seeded with. */
export async function signIn(http: Http): Promise<string> {
  const { LOAD_USER = 'admin', LOAD_PASSWORD = 'plimsoll' } = process.env;
  const answer = await http.post('/auth/token', { json: { username: LOAD_USER, password: LOAD_PASSWORD } });
  return answer.orThrow().json<Token>().access_token;
}
