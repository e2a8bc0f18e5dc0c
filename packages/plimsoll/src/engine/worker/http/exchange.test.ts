import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { answerOf, pause } from '../../../../test/support/raw-server.ts';
import { balanced, talkTo } from '../../../../test/support/talk-to.ts';

const ok = answerOf('hello');

describe('time', () => {
  test('a time-out is recorded at its age, in the headline latency, and the connection goes', async () => {
    const bench = await talkTo(({ socket, index }) => {
      if (index > 0) socket.write(ok);
    });
    const answer = await bench.http.get('/', { timeout: 40 });
    expect(answer).toMatchObject({ ok: false, status: 0, error: { kind: 'timeout' } });
    expect((await bench.http.get('/')).ok).toBe(true);
    expect(bench.server.connectionsMade).toBe(2);
    const series = balanced(bench);
    expect(series).toMatchObject({ expected: 1, failed: 1, errors: { timeout: 1 } });
    expect(series.latency.count).toBe(2);
    expect(series.latency.maxUs).toBeGreaterThanOrEqual(40_000);
    expect(series.latency.maxUs).toBeLessThan(1_000_000);
  });

  test('the time-out covers waiting for a connection', async () => {
    const bench = await talkTo(() => {}, { http: { connectionsPerHost: 1 } });
    const answers = await Promise.all([bench.http.get('/', { timeout: 80 }), bench.http.get('/', { timeout: 30 })]);
    expect(answers.map((answer) => answer.error!.kind)).toEqual(['timeout', 'timeout']);
    expect(answers[1].timings).toMatchObject({ serviceMs: 0, ttfbMs: 0 });
    expect(balanced(bench).service.count).toBe(1);
  });

  test('at most so many connections at once; the rest wait, and the wait is latency', async () => {
    const bench = await talkTo(({ socket }) => setTimeout(() => socket.write(ok), 60), {
      http: { connectionsPerHost: 2 },
    });
    const answers = await Promise.all(Array.from({ length: 6 }, () => bench.http.get('/')));
    expect(bench.server.connectionsMade).toBe(2);
    const waits = answers.map((answer) => answer.timings.waitMs).toSorted((a, b) => a - b);
    expect(waits[1]).toBeLessThan(58);
    expect(waits[2]).toBeGreaterThan(58);
    expect(waits[4]).toBeGreaterThan(117);
    for (const { timings } of answers) expect(timings.latencyMs).toBeCloseTo(timings.waitMs + timings.serviceMs, 6);
    balanced(bench);
  });

  test('in arrival-rate models latency begins when the request was due, in VU models when it was asked for', async () => {
    for (const isOpenModel of [true, false]) {
      const bench = await talkTo(({ socket }) => socket.write(ok), { isOpenModel });
      const now = bench.settings.clock.now();
      bench.vu.pendingDueMs = now - 300;
      bench.vu.pendingIssuedMs = now - 200;
      const { timings } = await bench.http.get('/');
      const snapshot = bench.take();
      expect(timings.latencyMs > 300).toBe(isOpenModel);
      expect(timings.waitMs > 200).toBe(isOpenModel);
      // The lag of an arrival is recorded where it arrives, whatever its iteration asks for.
      expect(snapshot.lag.count).toBe(0);
      expect(snapshot.generator.inFlightAreaUs).toBeCloseTo(snapshot.generator.latencySumUs, 2);
      const second = await bench.http.get('/');
      expect(second.timings.latencyMs).toBeLessThan(100);
    }
  });

  test('what a sleep was late by is lag, of the one request that it made due', async () => {
    for (const isOpenModel of [true, false]) {
      const bench = await talkTo(({ socket }) => socket.write(ok), { isOpenModel });
      bench.vu.pendingDueMs = bench.settings.clock.now() - 300;
      const { timings } = await bench.http.get('/');
      await bench.http.get('/');
      expect(timings.latencyMs > 300).toBe(isOpenModel);
      expect(timings.waitMs).toBeLessThan(100);
      const { lag } = bench.take();
      expect(lag.count).toBe(1);
      expect(lag.minUs).toBeGreaterThanOrEqual(300_000);
    }
  });

  test('given up by the test in the middle: a failure of its own kind, told once', async () => {
    const bench = await talkTo(() => {});
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 5);
    expect((await bench.http.get('/', { signal: controller.signal })).error!.kind).toBe('aborted');
    expect(balanced(bench)).toMatchObject({ failed: 1, errors: { aborted: 1 } });
    expect(bench.vu.open).toBe(0);
    expect(bench.settings.timeouts.takeAll()).toEqual([]);
  });
});

describe('redirects', () => {
  test('are one request, whose time is that of all of them', async () => {
    const bench = await talkTo(({ socket, line }) => {
      if (line.endsWith('/new')) socket.write(ok);
      else setTimeout(() => socket.write('HTTP/1.1 302 Found\r\nlocation: /new\r\ncontent-length: 0\r\n\r\n'), 20);
    });
    const answer = await bench.http.get('/old');
    expect(answer).toMatchObject({ ok: true, status: 200, url: `${bench.server.url}/new` });
    expect(answer.timings.latencyMs).toBeGreaterThan(19);
    expect(bench.server.connectionsMade).toBe(1);
    expect(balanced(bench)).toMatchObject({ name: 'GET /old', issued: 1, expected: 1, status: { 200: 1 } });
  });

  test('without an end are a failure, and with none allowed the redirect is the answer', async () => {
    const bench = await talkTo(({ socket }) =>
      socket.write('HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n'),
    );
    expect((await bench.http.get('/')).error!.kind).toBe('redirect');
    expect(bench.server.requests).toHaveLength(6);
    expect(await bench.http.get('/', { redirects: 0 })).toMatchObject({ ok: true, status: 302 });
    balanced(bench);
  });

  test('to a host that is not allowed are a failure, before any look-up', async () => {
    const bench = await talkTo(({ socket }) =>
      socket.write('HTTP/1.1 302 Found\r\nlocation: http://elsewhere.test/\r\ncontent-length: 0\r\n\r\n'),
    );
    const { error } = await bench.http.get('/');
    expect(error!.kind).toBe('blocked');
    expect(error!.message).toContain('elsewhere.test');
    balanced(bench);
  });

  test('keep cookies that were set on the way', async () => {
    const bench = await talkTo(({ socket, line }) =>
      socket.write(
        line.endsWith('/in')
          ? 'HTTP/1.1 303 See Other\r\nlocation: /home\r\nset-cookie: sid=7\r\ncontent-length: 0\r\n\r\n'
          : ok,
      ),
    );
    await bench.http.post('/in', { form: { user: 'u' } });
    expect(bench.server.requests.map((request) => request.line)).toEqual(['POST /in', 'GET /home']);
    expect(bench.server.requests[1]!.text).toContain('cookie: sid=7\r\n');
    expect(bench.http.cookies.get('/', 'sid')).toBe('7');
  });
});

describe('what counts as an answer', () => {
  test('429 is limited, other statuses from 400 on have failed, unless they were expected', async () => {
    const bench = await talkTo(({ socket, line }) =>
      socket.write(`HTTP/1.1 ${line.slice(5)} Some\r\ncontent-length: 0\r\n\r\n`),
    );
    const seen = async (status: number, expected?: number | number[]) => {
      const answer = await bench.http.get('/{status}', {
        path: { status },
        ...(expected !== undefined && { expect: expected }),
      });
      return answer.ok;
    };
    expect(await Promise.all([seen(200), seen(399), seen(400), seen(429), seen(503)])).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(await Promise.all([seen(200, 404), seen(404, [404, 200]), seen(429, 429)])).toEqual([false, true, true]);
    const series = balanced(bench);
    expect(series).toMatchObject({ expected: 4, limited: 1, failed: 3, errors: { status: 3 } });
    expect(series.status).toEqual({ 200: 2, 399: 1, 400: 1, 404: 1, 429: 2, 503: 1 });
    // Limited and failed ones are apart, so that fast errors never flatter.
    expect([series.latency.count, series.failedLatency.count]).toEqual([4, 4]);
  });

  test('a body beyond the limit is counted and dropped, the first time and when its head is known', async () => {
    const bench = await talkTo(({ socket }) => socket.write(answerOf('x'.repeat(50))), { http: { maxBodyBytes: 49 } });
    for (let n = 0; n < 3; n++) {
      const answer = await bench.http.get('/');
      expect(answer.ok).toBe(true);
      expect(() => answer.text()).toThrow('was not kept');
    }
    expect(balanced(bench).bytesIn).toBe(3 * answerOf('x'.repeat(50)).length);
  });

  test('a packed body is unpacked when it is read, not before', async () => {
    const body = gzipSync('packed');
    const bench = await talkTo(({ socket, index }) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${body.length}\r\n\r\n`);
      socket.write(index === 0 ? body : Buffer.alloc(body.length, 1));
    });
    expect((await bench.http.get('/')).text()).toBe('packed');
    const broken = await bench.http.get('/');
    expect(broken.ok).toBe(true);
    expect(() => broken.text()).toThrow('cannot be read');
  });
});

describe('streamed bodies', () => {
  async function* pieces(...texts: string[]) {
    for (const text of texts) {
      await pause(1);
      yield text;
    }
  }

  test('go out in chunks', async () => {
    const bench = await talkTo(({ socket }) => socket.write(ok));
    expect((await bench.http.post('/', { body: pieces('one', 'two') })).ok).toBe(true);
    expect(bench.server.requests[0]!.text).toMatch(/\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n$/);
    expect(balanced(bench).bytesOut).toBe(bench.server.requests[0]!.text.length);
    expect((await bench.http.get('/')).ok).toBe(true);
    expect(bench.server.connectionsMade).toBe(1);
  });

  test('that break fail the request, and the connection is not used again', async () => {
    const bench = await talkTo(({ socket }) => socket.write(ok));
    const breaks = async function* () {
      yield 'one';
      await pause(1);
      throw new Error('no more');
    };
    const answer = await bench.http.post('/', { body: breaks() });
    expect(answer.error).toEqual({ kind: 'body', message: "the request's body failed: no more" });
    expect((await bench.http.get('/')).ok).toBe(true);
    expect(bench.server.connectionsMade).toBe(2);
  });
});
