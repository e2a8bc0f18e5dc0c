/** Event streams through the whole tool: what a server sent is what the run's books say, to the last event. */
import { describe, expect, test } from 'vitest';
import { one, runStreams, seriesOf } from '../support/stream-run.ts';

describe.each([1, 2])('with %i workers', (workers) => {
  const args = ['--workers', String(workers)];

  test('every stream and event is in the books', async () => {
    const body = `const stream = (await sse.connect('/events/50')).orThrow();
      for (let n = 1; n <= 50; n++) {
        const event = await stream.next('message', (e) => e.json<{ n: number }>().n === n);
        if (event.id !== String(n)) throw new Error('another id: ' + event.id);
      }
      if (stream.lastEventId !== '50' || !stream.isOpen) throw new Error('not as it should be');
      const end = await stream.close();
      if (end.code !== 1000 || !end.wasClean || stream.isOpen) throw new Error('not closed');`;
    const thresholds = "['connect.success >= 100%', 'connect.mean < 1s', 'SSE /events/50: latency.p95 < 1s']";
    const { code, result, stdout, counts } = await runStreams(body, { thresholds, args });
    expect({ code, failures: result.failures, exceptions: result.exceptions }).toEqual({
      code: 0,
      failures: [],
      exceptions: [],
    });
    expect(counts).toMatchObject({ streams: 20, events: 1000 });
    const { opened, eventStreams, refused, open, messagesIn, messagesOut, unclaimed, closed } = result.sockets!;
    expect({ opened, eventStreams, refused, open, messagesIn, messagesOut, unclaimed, closed }).toEqual({
      ...{ opened: 20, eventStreams: 20, refused: 0, open: 0 },
      ...{ messagesIn: 1000, messagesOut: 0, unclaimed: 0, closed: { 1000: 20 } },
    });
    // Not less than the events alone: "id: 1\ndata: {"n":1}\n\n" and longer.
    expect(result.sockets!.bytesIn).toBeGreaterThan(1000 * 20);
    expect(seriesOf(result, 'SSE /events/50')).toMatchObject({ requests: 20, expected: 20, status: { 200: 20 } });
    expect(stdout).toContain('20 event streams · 1,000 messages in');
    expect(stdout).not.toContain('WebSocket');
  });

  test('handlers get what came along with the head, types apart, and what nobody takes is counted', async () => {
    const body = `const stream = await sse.connect('/typed');
      const seen: string[] = [];
      stream.on('tick', (event) => { seen.push(event.type + event.data); });
      const off = stream.onAny(() => { throw new Error('taken away'); });
      off();
      await stream.next('message');
      if (seen.join() !== 'ticka\\nb') throw new Error('seen: ' + seen.join());
      await stream.close();`;
    const { result } = await runStreams(body, { args });
    expect(result.exceptions).toEqual([]);
    expect(result.sockets).toMatchObject({ messagesIn: 60, unclaimed: 20 });
  });

  test('a handler that takes itself or another away keeps no event from the others', async () => {
    const body = `const stream = await sse.connect('/events/3');
      const seen: string[] = [];
      const once = stream.on('message', (event) => { seen.push('a' + event.id); once(); });
      stream.on('message', (event) => { seen.push('b' + event.id); });
      const any = stream.onAny((event) => { seen.push('c' + event.id); any(); any(); });
      stream.onAny((event) => { seen.push('d' + event.id); });
      while (seen.at(-1) !== 'd3') await sleep('2ms');
      const all = 'a1,b1,c1,d1,b2,d2,b3,d3';
      if (seen.join() !== all) throw new Error('seen: ' + seen.join());
      await stream.close();`;
    const { result } = await runStreams(body, { args });
    expect(result.exceptions).toEqual([]);
    expect(result.sockets).toMatchObject({ messagesIn: 60, unclaimed: 0 });
  });

  test('streams live across iterations, and the end of the test ends them', async () => {
    const body = `const stream = (streams[vu.id] ??= await sse.connect('/events/100'));
      await stream.next();`;
    const { code, result, counts, connections } = await runStreams(body, { args });
    expect(code).toBe(0);
    expect(counts.streams).toBe(4);
    expect(result.sockets).toMatchObject({ opened: 4, open: 4, closed: {} });
    const { messagesIn, unclaimed } = result.sockets!;
    expect(messagesIn - unclaimed).toBe(20);
    expect(messagesIn).toBeLessThanOrEqual(counts.events);
    await expect.poll(connections).toBe(0);
  });

  test('a lost stream comes back where it was, until the server says that there is nothing more', async () => {
    const body = `const stream = (await sse.connect('/resume/30', { reconnect: true })).orThrow();
      const ids: string[] = [];
      stream.onAny((event) => { ids.push(event.id); });
      const end = await new Promise<{ code: number; wasClean: boolean }>((resolve) => { stream.onClose(resolve); });
      if (ids.join() !== '1,2,3,4,5,6,7,8,9') throw new Error(ids.join());
      if (end.code !== 1000 || !end.wasClean || stream.error !== undefined) throw new Error('not in order');
      if (stream.retryMs !== 30) throw new Error('retry ' + stream.retryMs);`;
    const { result, counts } = await runStreams(body, { args });
    expect(result).toMatchObject({ failures: [], exceptions: [] });
    expect(counts).toMatchObject({ requests: 80, streams: 60, events: 180 });
    expect(counts.ids.toSorted()).toEqual(['', '3', '6', '9'].flatMap((id) => Array<string>(20).fill(id)));
    expect(result.sockets).toMatchObject({ opened: 60, eventStreams: 60, refused: 0, open: 0, closed: { 1006: 60 } });
    // The 20 returns that were told 204 were attempts, and neither opened nor refused.
    expect(result.sockets).toMatchObject({ attempts: 80, phases: { tcp: { count: 80 }, upgrade: { count: 60 } } });
    expect(result.sockets).toMatchObject({ messagesIn: 180, unclaimed: 0 });
    const series = seriesOf(result, 'SSE /resume/30');
    expect(series).toMatchObject({ requests: 80, expected: 80, status: { 200: 60, 204: 20 } });
  });

  test('refusals are told as they were answered, and the longest Retry-After', async () => {
    const body = `const status = [401, 503, 429, 204, 302][iteration.index % 5]!;
      const stream = await sse.connect('/refuse/{status}', { path: { status }, reconnect: true });
      if (stream.ok || stream.status !== status || stream.header('retry-after') !== String(status % 100)) throw new Error('not told');
      if (stream.error?.kind !== (status === 429 ? 'limited' : 'status')) throw new Error('told as ' + stream.error?.kind);`;
    const { code, result, counts } = await runStreams(body, { args });
    const { requests, refused } = counts;
    expect([requests, refused]).toEqual([20, { 204: 4, 302: 4, 401: 4, 429: 4, 503: 4 }]);
    expect(result.sockets).toMatchObject({ attempts: 20, opened: 0, eventStreams: 0, refused: 20, messagesIn: 0 });
    expect(result.sockets!.refusedIn).toEqual({ dns: 0, tcp: 0, tls: 0, upgrade: 20, namespace: 0 });
    expect(result.sockets).toMatchObject({ refusedStatus: refused, retryAfterMaxSeconds: 29 });
    const series = seriesOf(result, 'SSE /refuse/{status}');
    expect(series).toMatchObject({ status: refused, limited: 4, failed: 16, errors: { status: 16 } });
    expect({ code, exceptions: result.exceptions }).toEqual({ code: 1, exceptions: [] });
  });
});

describe('what a server does wrong is told as it is', () => {
  test('the answer is of another content type', async () => {
    const { result } = await runStreams("const stream = await sse.connect('/page');\nstream.orThrow();");
    expect(seriesOf(result, 'SSE /page')).toMatchObject({
      failed: 20,
      errors: { 'content-type': 20 },
      status: { 200: 20 },
    });
    expect(result.sockets).toMatchObject({ opened: 0, refused: 20, messagesIn: 0 });
    const message =
      "SSE /page failed: the server answered with the content type 'text/html', not with 'text/event-stream'";
    expect(result.exceptions).toMatchObject([{ message, count: 20 }]);
  });

  test('a server that never answers is a time-out', async () => {
    const { result } = await runStreams("await sse.connect('/never', { timeout: '50ms' });");
    expect(seriesOf(result, 'SSE /never')).toMatchObject({ failed: 20, errors: { timeout: 20 } });
    expect(result.sockets).toMatchObject({ refused: 20, refusedIn: { upgrade: 20 }, refusedStatus: {}, opened: 0 });
  });

  test('nobody listens', async () => {
    const body = `const stream = await sse.connect('http://127.0.0.1:1/events');
      if (stream.ok || stream.error?.kind !== 'refused') throw new Error('not told');`;
    const { result } = await runStreams(body);
    expect(result.exceptions).toEqual([]);
    expect(seriesOf(result, 'SSE http://127.0.0.1:1/events')).toMatchObject({ failed: 20, errors: { refused: 20 } });
    expect(result.sockets).toMatchObject({ attempts: 20, refused: 20, refusedIn: { tcp: 20, upgrade: 0 } });
  });

  test('a server that dies in the middle of an event: the half is no event', async () => {
    const body = `const stream = await sse.connect('/dies');
      await stream.next(); await stream.next();
      await stream.step('third', () => stream.next());
      const end = await stream.close();
      if (end.code !== 1006 || end.wasClean) throw new Error('told as ' + JSON.stringify(end));`;
    const { result } = await runStreams(body);
    expect(result.exceptions).toEqual([]);
    expect(result.sockets).toMatchObject({ opened: 20, open: 0, messagesIn: 40, unclaimed: 0, closed: { 1006: 20 } });
    expect(seriesOf(result, 'third')).toMatchObject({ failed: 20, errors: { closed: 20 } });
    expect(seriesOf(result, 'SSE /dies')).toMatchObject({ expected: 20 });
  });

  test('an answer that only the end of the connection ends is whole', async () => {
    const body = `const stream = await sse.connect('/plain/3');
      const end = await new Promise<{ code: number; wasClean: boolean }>((resolve) => { stream.onClose(resolve); });
      if (end.code !== 1000 || !end.wasClean) throw new Error('told as ' + end.code);`;
    const { result } = await runStreams(body);
    expect(result.exceptions).toEqual([]);
    expect(result.sockets).toMatchObject({ messagesIn: 60, unclaimed: 60, closed: { 1000: 20 } });
  });

  test('a stream that never sends: the wait ends in its time, and nothing else', async () => {
    const body = `const stream = await sse.connect('/silent');
      await stream.step('wait', () => stream.next(undefined, undefined, { timeout: '60ms' }));
      await stream.close();`;
    const { result } = await runStreams(body);
    expect(seriesOf(result, 'wait')).toMatchObject({ failed: 20, errors: { timeout: 20 } });
    expect(seriesOf(result, 'wait').latency.min).toBeGreaterThanOrEqual(59);
    expect(seriesOf(result, 'SSE /silent')).toMatchObject({ expected: 20 });
    expect(result.sockets).toMatchObject({ opened: 20, messagesIn: 0, closed: { 1000: 20 } });
  });

  test('an event beyond the limit ends the stream, and none after it is told', async () => {
    const body = `const stream = await sse.connect('/huge/200000', { maxEventBytes: 100_000, reconnect: true });
      await stream.next();
      const end = await new Promise<{ code: number; reason: string }>((resolve) => { stream.onClose(resolve); });
      if (end.code !== 1009 || !end.reason.includes('more than 100000 bytes')) throw new Error('told as ' + JSON.stringify(end));`;
    const { result, counts } = await runStreams(body);
    expect(result.exceptions).toEqual([]);
    expect(counts.requests).toBe(20);
    expect(result.sockets).toMatchObject({ messagesIn: 20, unclaimed: 0, closed: { 1009: 20 } });
  });

  test('one within the limit comes whole', async () => {
    const body = `const stream = await sse.connect('/huge/200000');
      const event = await stream.next(undefined, (e) => e.id === '2');
      if (event.data !== 'x'.repeat(200000)) throw new Error('not whole');
      await stream.next(undefined, (e) => e.id === '3');
      await stream.close();`;
    const { code, result } = await runStreams(body);
    expect({ code, exceptions: result.exceptions }).toEqual({ code: 0, exceptions: [] });
    expect(result.sockets).toMatchObject({ messagesIn: 60, unclaimed: 20 });
    expect(result.sockets!.bytesIn).toBeGreaterThan(20 * 200_000);
  });

  test('a handler that throws is counted by its place, and the run goes on', async () => {
    const body = `const stream = await sse.connect('/events/3');
      stream.onAny(() => { throw new Error('in the handler'); });
      stream.on('message', (event) => { if (event.id === '3') void stream.close(); });
      await new Promise((resolve) => { stream.onClose(resolve); });`;
    const { code, result } = await runStreams(body);
    expect(code).toBe(1);
    expect(result.exceptions).toMatchObject([{ message: 'in the handler', count: 60 }]);
    expect(result.exceptions[0]!.place).toMatch(/^a\.load\.ts:\d+/);
    expect(result.iterations).toBe(20);
    expect(result.sockets).toMatchObject({ messagesIn: 60, unclaimed: 0, closed: { 1000: 20 } });
  });
});

describe('how old events are', () => {
  const body = (of: string): string => `const stream = await sse.connect('${of}', {
        latencyFrom: (event) => event.json<{ sent?: number }>().sent });
      for (let n = 0; n < 5; n++) await stream.next();
      await stream.close();`;

  test("from the server's stamp to the arrival, as a series outside of the books of requests", async () => {
    const thresholds = "['EVENT /stamped/250: latency.p95 < 5s', 'EVENT /stamped/250: latency.min >= 250ms']";
    const { code, result } = await runStreams(body('/stamped/250'), { thresholds });
    expect({ code, failures: result.failures }).toEqual({ code: 0, failures: [] });
    const series = seriesOf(result, 'EVENT /stamped/250');
    expect(series).toMatchObject({ kind: 'step', requests: 100, expected: 100 });
    expect(series.latency.min).toBeGreaterThanOrEqual(249.9);
    // The attempts alone.
    expect(result.requests).toBe(20);
  });

  test('events without a stamp have no age', async () => {
    const { result } = await runStreams(body('/events/5'));
    expect(seriesOf(result, 'EVENT /events/5')).toBeUndefined();
    expect(result.sockets).toMatchObject({ messagesIn: 100, unclaimed: 0 });
  });

  test.each([
    ['null', 'null'],
    ['"12"', "'12'"],
    ['new Date()', 'an object'],
    ['NaN', 'NaN'],
  ])('what is no number is a mistake of the test: %s', async (stamp, told) => {
    const { code, result } = await runStreams(
      `const stream = await sse.connect('/events/1', { latencyFrom: () => ${stamp} as unknown as number });
      await stream.next();
      await stream.close();`,
      { load: one },
    );
    expect(code).toBe(1);
    expect(result.exceptions).toMatchObject([{ count: 1 }]);
    expect(result.exceptions[0]!.message).toMatch(new RegExp(`^latencyFrom gave ${told}, expected a number`));
    expect(seriesOf(result, 'EVENT /events/1')).toBeUndefined();
  });

  test('a stamp from the future is said', async () => {
    const { result, stdout, stderr } = await runStreams(body('/stamped/-60000'));
    expect(seriesOf(result, 'EVENT /stamped/-60000').latency.max).toBe(0);
    expect(stdout + stderr).toMatch(/EVENT \/stamped\/-60000: a stamp lies (59\d{3}|60000) ms in the future/);
  });
});

describe('mistakes of the test', () => {
  test.each([
    ["sse.connect('ws://127.0.0.1/x')", 'ws'],
    ["sse.connect('http://example.com/')", 'example.com is neither this machine nor on the list'],
    ["sse.connect('/events/1', { lastEventId: 'a\\nb' })", 'could end the line'],
    ["sse.connect('/events/1', { headers: { 'a b': 'x' } })", 'is not a name of a header'],
    ["sse.connect('/events/1', { reconnect: { delay: 'soon' } })", 'soon'],
    ["sse.connect('/events/1', { reconnect: { delay: 0 } })", 'reconnect.delay is 0'],
    ["sse.connect('/events/1', { reconnect: { delay: '2s', maxDelay: '1s' } })", 'reconnect.maxDelay is 1s'],
  ])('%s', async (call, message) => {
    const { code, result, counts } = await runStreams(`await ${call};`, { load: one });
    expect(code).toBe(1);
    expect(result.exceptions[0]!.message).toContain(message);
    expect(counts.requests).toBe(0);
  });
});

test('headers, credentials, parameters and cookies go along, and a due time counts from the schedule', async () => {
  const body = `const stream = await sse.connect('/events/{n}', { path: { n: 1 }, query: { a: 'b' }, bearer: 'secret',
      headers: { 'x-more': 'too' }, lastEventId: 'ü7' });
    await stream.next();
    await stream.close();`;
  const { result, counts } = await runStreams(body, {
    load: "constantArrivalRate({ rate: 20, duration: '1s', vus: 4 })",
  });
  const request = counts.requestsSeen[0]!;
  expect(request.headers).toMatchObject({
    accept: 'text/event-stream',
    'cache-control': 'no-cache',
    authorization: 'Bearer secret',
    'x-own': 'yes',
    'x-more': 'too',
  });
  expect(request.url).toBe('/events/1?a=b');
  // Each VU gets one with its first stream.
  const withCookie = counts.requestsSeen.filter(({ headers }) => headers.cookie === 'seen=1');
  expect(withCookie.length).toBeGreaterThanOrEqual(counts.streams - 4);
  expect(Buffer.from(request.headers['last-event-id'] as string, 'latin1').toString('utf8')).toBe('ü7');
  expect(seriesOf(result, 'SSE /events/{n}')).toMatchObject({ failed: 0, unfinished: 0 });
  expect(seriesOf(result, 'SSE /events/{n}').expected).toBe(counts.streams);
});
