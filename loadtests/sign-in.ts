/** A token for the whole test, from its set-up. */
import type { Http, HttpResponse } from 'plimsoll';
import type { Token } from './api-types.ts';

/** Of the users of the API that the suite starts itself, which outlive what the shell exports. */
export const ownPassword = 'plimsoll';

/** LOAD_USER and LOAD_PASSWORD are for another target: where they are not known, it is the suite's own. */
export async function signIn(http: Http): Promise<string> {
  const { LOAD_USER = 'admin', LOAD_PASSWORD } = process.env;
  const as = (username: string, password: string): Promise<HttpResponse> =>
    http.post('/auth/token', { json: { username, password } });
  const answer = await as(LOAD_USER, LOAD_PASSWORD ?? ownPassword);
  const isAnother = answer.status === 401 && LOAD_PASSWORD !== undefined;
  return (isAnother ? await as('admin', ownPassword) : answer).orThrow().json<Token>().access_token;
}
