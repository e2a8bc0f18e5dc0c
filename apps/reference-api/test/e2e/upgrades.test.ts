/** Offers to upgrade that the service does not take, as `curl --http2` and Java's HttpClient make them. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startApi } from '../support/running-api.ts';

test('a request with an offer of HTTP/2 is answered as any other, and its connection ends with the service', async () => {
  const api = await startApi({ env: { SEED_SESSIONS: '1' }, later: onTestFinished });
  const socket = connect(Number(new URL(api.url).port), '127.0.0.1').setEncoding('utf8');
  onTestFinished(() => void socket.destroy());
  const offer = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n';
  const ask = async (line: string, body = ''): Promise<string> => {
    const fields = `Host: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
    socket.write(`${line} HTTP/1.1\r\n${fields}${offer}\r\n${body}`);
    let text = '';
    while (!text.endsWith('}')) text += ((await once(socket, 'data')) as [string])[0];
    return text;
  };
  expect(await ask('GET /health')).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\{"status":"alive"\}$/);
  const signIn = await ask('POST /auth/token', JSON.stringify({ username: 'admin', password: 'plimsoll' }));
  expect(signIn).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*"access_token":/);
  expect((await ask('GET /nowhere')).split('\r\n')[0]).toBe('HTTP/1.1 404 Not Found');
  expect(await api.stop()).toBe(0);
});
