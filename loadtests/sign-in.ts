/** A token for the whole test, from its set-up. */
import type { Http } from 'plimsoll';
import type { Token } from './api-types.ts';

/** Of the users of an API that is started for the suite, by the configuration or by deploy/local/start.mjs. */
export const ownPassword = 'plimsoll';

/** LOAD_USER and LOAD_PASSWORD are of other machines; on this one it is the seeded administrator, whatever the shell exports. */
export async function signIn(http: Http): Promise<string> {
  const { hostname } = new URL((await http.get('/health')).url);
  const { LOAD_USER = 'admin', LOAD_PASSWORD = ownPassword } = hostname === '127.0.0.1' ? {} : process.env;
  const answer = await http.post('/auth/token', { json: { username: LOAD_USER, password: LOAD_PASSWORD } });
  return answer.orThrow().json<Token>().access_token;
}
