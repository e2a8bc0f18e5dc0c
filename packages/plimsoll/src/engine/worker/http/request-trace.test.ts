import { describe, expect, test } from 'vitest';
import { answerOf, pause, type RawRequest } from '../../../../test/support/raw-server.ts';
import { balanced, talkTo } from '../../../../test/support/talk-to.ts';
import type { HttpPlan } from '../../../model/plan.ts';
import { traceIdOf } from '../../../protocol/http1/traceparent.ts';

const ok = answerOf('hello');
const trace: HttpPlan['trace'] = { sampled: 1 };
const given = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

const answerOk = ({ socket }: RawRequest): void => {
  socket.write(ok);
};

/** Of each request, in the order in which the server had them; '' without one, joined where there are several. */
function traceparents(requests: readonly RawRequest[]): string[] {
  return requests.map(({ text }) => [...text.matchAll(/^traceparent: (.*)\r$/gim)].map(([, value]) => value).join());
}

test('off, no request has one, and none is made anew', async () => {
  const bench = await talkTo(answerOk);
  await bench.http.get('/');
  await bench.http.get('/', { headers: { traceparent: given } });
  expect(traceparents(bench.server.requests)).toEqual(['', given]);
  expect(bench.take().slowest.map(({ traceId }) => traceId)).toEqual(['', '']);
  const { builder, vu } = bench;
  const plain = () => builder.build('GET', '/', undefined, vu.cookies, vu.random);
  expect(plain()).toBe(plain());
});

test('on, each request has one of its own, and its example the trace id', async () => {
  const bench = await talkTo(answerOk, { http: { trace } });
  for (let n = 0; n < 3; n++) await bench.http.get('/');
  await bench.http.post('/', { json: { a: 1 }, headers: { 'x-a': '1' }, bearer: 't' });
  const sent = traceparents(bench.server.requests);
  for (const header of sent) expect(header).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  const ids = sent.map(traceIdOf);
  expect(new Set(ids).size).toBe(4);
  const { slowest, sample } = bench.take();
  expect(slowest.map(({ traceId }) => traceId)).toEqual(ids);
  expect(sample.map(({ traceId }) => traceId)).toEqual(ids);
});

describe("a test's own header is kept", () => {
  test.each<[string, Partial<HttpPlan>, Record<string, string>, string]>([
    ['of the request', {}, { traceparent: given }, given],
    ['of the request, in another case', {}, { TraceParent: given }, given],
    ['of all requests', { headers: { Traceparent: given } }, {}, given],
    ['that is not well-formed', {}, { traceparent: 'mine' }, 'mine'],
  ])('%s', async (_, http, headers, sent) => {
    const bench = await talkTo(answerOk, { http: { trace, ...http } });
    await bench.http.get('/', { headers });
    expect(traceparents(bench.server.requests)).toEqual([sent]);
    expect(bench.take().slowest[0]!.traceId).toBe(sent === given ? traceIdOf(given) : '');
  });
});

test.each<[string, Record<string, string>]>([
  ['of our own', {}],
  ["of the test's own", { traceparent: given }],
])('a redirect keeps the trace %s, to another origin too', async (_, headers) => {
  const other = await talkTo(answerOk);
  const bench = await talkTo(
    ({ socket, line }) => {
      if (line.endsWith('/away')) {
        socket.write(`HTTP/1.1 302 Found\r\nlocation: ${other.server.url}/end\r\ncontent-length: 0\r\n\r\n`);
      } else {
        socket.write('HTTP/1.1 302 Found\r\nlocation: /away\r\ncontent-length: 0\r\n\r\n');
      }
    },
    { http: { trace } },
  );
  expect((await bench.http.get('/', { headers })).text()).toBe('hello');
  const sent = traceparents([...bench.server.requests, ...other.server.requests]);
  expect(sent).toHaveLength(3);
  expect(new Set(sent).size).toBe(1);
  expect(bench.take().slowest.map(({ traceId }) => traceId)).toEqual([traceIdOf(sent[0]!)]);
});

test('what is sent again keeps its trace, and the next request has another', async () => {
  const bench = await talkTo(
    ({ socket, indexOnConnection }) => {
      if (indexOnConnection === 0) socket.write(ok);
      else socket.destroy();
    },
    { http: { trace } },
  );
  await bench.http.get('/');
  await pause(10);
  await bench.http.get('/');
  expect(balanced(bench)).toMatchObject({ expected: 2, resent: 1 });
  const [first, dropped, again] = traceparents(bench.server.requests);
  expect(again).toBe(dropped);
  expect(again).not.toBe(first);
});
