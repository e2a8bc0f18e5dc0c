/** Answers that are unusual and right, and some that lead nowhere: read as what they are. */
import { expect, test } from 'vitest';
import type { RunResult } from '../../../src/model/result.ts';
import { startOrigin } from '../../support/origin.ts';
import { runTestFile } from '../../support/run-cli.ts';

/** One iteration of a test; its checks must hold. */
async function once(target: string, body: string, options = ''): Promise<RunResult['tests'][number]> {
  const file = `loadTest('once', { load: perVuIterations({ vus: 1, iterations: 1 }), ${options} },
    async ({ http }) => { ${body} });`;
  const { test: measured } = await runTestFile(file, ['--target', target]);
  expect(measured.exceptions).toEqual([]);
  expect(measured.checks.filter((check) => check.failed > 0)).toEqual([]);
  return measured;
}

test('chunk extensions and trailers, a body until the connection ends, an interim answer, a head in pieces', async () => {
  const origin = await startOrigin();
  const measured = await once(
    origin.url,
    `(await http.get('/chunked?pieces=3')).check('chunks', (r) => r.text() === 'hellohellohello');
     (await http.get('/until-close')).check('until close', (r) => r.text() === 'hello until the end');
     (await http.get('/interim')).check('interim', (r) => r.status === 200 && r.text() === 'ok');
     (await http.get('/slow-head?ms=100')).check('slow head', (r) => r.text() === 'ok');
     (await http.get('/status/204')).check('no content', (r) => r.text() === '');
     (await http.head('/bytes?n=1000')).check('head', (r) => r.bytes.length === 0 && r.header('content-length') === '1000');`,
  );
  expect(measured.checks).toHaveLength(6);
  expect(measured.errors).toEqual({});
});

test.for(['gzip', 'br', 'deflate', 'deflate-raw'])('a body in %s', async (coding) => {
  const origin = await startOrigin();
  const measured = await once(
    origin.url,
    `(await http.get('/encoded?coding=${coding}')).check('whole', (r) => {
       const { coding, list } = r.json<{ coding: string; list: number[] }>();
       return coding === '${coding}' && list.length === 500;
     });`,
  );
  expect(measured.checks).toHaveLength(1);
});

test('redirects on the same and on another origin are one request, a loop is a failure', async () => {
  const [first, second] = [await startOrigin(), await startOrigin()];
  const there = encodeURIComponent(`${second.url}/there`);
  const measured = await once(
    first.url,
    `(await http.get('/redirect?to=/bytes%3Fn=7', { name: 'same' })).check('same', (r) => r.text().length === 7);
     (await http.get('/redirect?to=${there}', { name: 'other' })).check('other', (r) => r.url.startsWith('${second.url}'));
     (await http.get('/redirect?to=/bytes', { redirects: 0, name: 'none' })).check('none', (r) => r.status === 302);
     await http.get('/redirect', { name: 'loop' });`,
  );
  expect(measured.requests).toBe(4);
  expect(measured.expected).toBe(3);
  expect(measured.failed).toBe(1);
  expect((await second.path('/there')).arrived).toBe(1);
  // One each, and the first and five more of the loop.
  expect((await first.path('/redirect')).arrived).toBe(3 + 6);
});

test('a cookie comes back to whom it came from, and stays with its VU', async () => {
  const [first, second] = [await startOrigin(), await startOrigin()];
  const file = `loadTest('cookies', { load: perVuIterations({ vus: 2, iterations: 2 }) }, async ({ http, vu }) => {
      await http.get('/cookies', { query: { set: 'who=' + vu.id }, name: 'set' });
      (await http.get('/cookies')).check('came back', (r) => r.text() === 'who=' + vu.id);
      (await http.get('${second.url.replace('127.0.0.1', 'localhost')}/cookies', { name: 'elsewhere' })).check('not elsewhere', (r) => r.text() === '');
    });`;
  const { code, test: measured } = await runTestFile(file, ['--target', first.url]);
  expect(code).toBe(0);
  expect(measured.checks.map(({ name, passed }) => [name, passed])).toEqual([
    ['came back', 4],
    ['not elsewhere', 4],
  ]);
});

test('what a server gets is what was asked for', async () => {
  const origin = await startOrigin();
  const measured = await once(
    origin.url,
    `type Echo = { method: string; url: string; headers: Record<string, string>; body: string };
     (await http.post('/echo/{id}', { path: { id: 'a b/c' }, query: { q: 'ä&b', list: [1, 2] }, json: { name: 'ü' }, bearer: 'secret' })).check('post', (r) => {
       const echo = r.json<Echo>();
       return echo.method === 'POST' && echo.url === '/echo/a%20b%2Fc?q=%C3%A4%26b&list=1&list=2' &&
         echo.headers['authorization'] === 'Bearer secret' && echo.headers['content-type']!.startsWith('application/json') &&
         JSON.parse(Buffer.from(echo.body, 'latin1').toString()).name === 'ü';
     });
     (await http.put('/echo', { body: (function* () { yield Buffer.from('one '); yield Buffer.from('two'); })() })).check('streamed', (r) => {
       const echo = r.json<Echo>();
       return echo.body === 'one two' && echo.headers['transfer-encoding'] === 'chunked';
     });
     (await http.post('/echo', { form: { a: '1 2', b: true } })).check('form', (r) => r.json<Echo>().body === 'a=1+2&b=true');`,
  );
  expect(measured.checks).toHaveLength(3);
});
