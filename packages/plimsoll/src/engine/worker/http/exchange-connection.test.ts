import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../../../test/support/dialling.ts';
import { answerOf, pause, writePieces, type RawRequest } from '../../../../test/support/raw-server.ts';
import { balanced, talkTo } from '../../../../test/support/talk-to.ts';
import { httpBench } from './settings.fixture.ts';

const ok = answerOf('hello');

describe('one connection', () => {
  test('is used again, and every body is its own, though the answers are recognised by their bytes', async () => {
    const bench = await talkTo(({ socket, index }) => socket.write(answerOf(`body ${index % 10}`)));
    const answers = [];
    for (let n = 0; n < 30; n++) answers.push(await bench.http.get('/'));
    expect(answers.map((answer) => answer.text())).toEqual(Array.from({ length: 30 }, (_, n) => `body ${n % 10}`));
    expect(bench.server.connectionsMade).toBe(1);
    const series = balanced(bench);
    expect(series).toMatchObject({ expected: 30, status: { 200: 30 }, bytesIn: 30 * answerOf('body 0').length });
    const sent = bench.server.requests.reduce((sum, request) => sum + request.text.length, 0);
    expect(series.bytesOut).toBe(sent);
  });

  test.each([
    ['connection: close\r\n', 3],
    ['keep-alive: timeout=1\r\n', 1],
    ['', 1],
  ])("with '%s'", async (head, connections) => {
    const bench = await talkTo(({ socket }) => {
      socket.write(answerOf('hello', head));
      if (head.startsWith('connection')) socket.end();
    });
    for (let n = 0; n < 3; n++) expect((await bench.http.get('/')).text()).toBe('hello');
    expect(bench.server.connectionsMade).toBe(connections);
    balanced(bench);
  });

  test('is not used in the last second before the server would close it', async () => {
    const bench = await talkTo(({ socket }) => socket.write(answerOf('hello', 'keep-alive: timeout=0\r\n')));
    await bench.http.get('/');
    await pause(2);
    await bench.http.get('/');
    expect(bench.server.connectionsMade).toBe(2);
    balanced(bench);
  });

  test.each(['X', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwrong'])(
    "is not trusted after bytes behind the end: '%s'",
    async (extra) => {
      const bench = await talkTo(({ socket, index }) =>
        socket.write(answerOf(`no ${index}`) + (index === 0 ? extra : '')),
      );
      expect((await bench.http.get('/')).text()).toBe('no 0');
      expect((await bench.http.get('/')).text()).toBe('no 1');
      expect(bench.server.connectionsMade).toBe(2);
      expect(balanced(bench)).toMatchObject({ expected: 2, failed: 0 });
    },
  );

  test('nor after bytes that nobody asked for', async () => {
    const bench = await talkTo(({ socket, index }) => {
      socket.write(answerOf(`no ${index}`));
      if (index === 0) setTimeout(() => socket.write('HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n'), 5);
    });
    await bench.http.get('/');
    await expect.poll(() => bench.settings.recorder.openConnections, { interval: 1 }).toBe(0);
    expect((await bench.http.get('/')).text()).toBe('no 1');
    expect(balanced(bench)).toMatchObject({ expected: 2, status: { 200: 2 } });
  });
});

describe('a server that closes an idle connection', () => {
  test('before the next request: a new connection, and nobody is the worse for it', async () => {
    const bench = await talkTo(({ socket }) => socket.end(ok));
    await bench.http.get('/');
    await expect.poll(() => bench.settings.recorder.openConnections, { interval: 1 }).toBe(0);
    await bench.http.post('/', { json: 1 });
    expect(balanced(bench)).toMatchObject({ resent: 0 });
    expect(bench.server.connectionsMade).toBe(2);
  });

  const dropsSecond = ({ socket, indexOnConnection }: RawRequest): void => {
    if (indexOnConnection === 0) socket.write(ok);
    else socket.destroy();
  };

  test.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])(
    'as a %s is on its way: sent again, and counted',
    async (method) => {
      const bench = await talkTo(({ socket, line, indexOnConnection }) => {
        if (indexOnConnection > 0) socket.destroy();
        else socket.write(line.startsWith('HEAD') ? ok.slice(0, -5) : ok);
      });
      await bench.http.request(method, '/');
      await pause(10);
      expect(await bench.http.request(method, '/')).toMatchObject({ ok: true, status: 200 });
      expect(balanced(bench)).toMatchObject({ expected: 2, failed: 0, resent: 1 });
      expect(bench.server.requests).toHaveLength(3);
    },
  );

  test.each(['POST', 'PATCH'])(
    'as a %s is on its way: not sent again, because it may have been done',
    async (method) => {
      const bench = await talkTo(dropsSecond);
      await bench.http.request(method, '/');
      await pause(10);
      const { ok: passed, error } = await bench.http.request(method, '/');
      expect(passed).toBe(false);
      expect(['closed', 'reset']).toContain(error!.kind);
      expect(balanced(bench)).toMatchObject({ expected: 1, failed: 1, resent: 0 });
      expect(bench.server.requests).toHaveLength(2);
    },
  );

  test('once: where the repeat is closed without an answer too, the request has failed', async () => {
    const bench = await talkTo(({ socket, index }) => {
      // Both connections have served, so either could be taken for idle.
      if (index < 2) setTimeout(() => socket.write(ok), 20);
      else socket.destroy();
    });
    await Promise.all([bench.http.get('/'), bench.http.get('/')]);
    expect(bench.server.connectionsMade).toBe(2);
    const { error } = await bench.http.get('/');
    expect(['closed', 'reset']).toContain(error!.kind);
    expect(balanced(bench)).toMatchObject({ expected: 2, failed: 1, resent: 1 });
    expect(bench.server.requests).toHaveLength(4);
  });

  test('all of them at once: what is sent again takes none of the others', async () => {
    const bench = await talkTo(({ socket, indexOnConnection }) => {
      if (indexOnConnection === 0) setTimeout(() => socket.write(ok), 20);
      else for (const each of bench.server.sockets) each.destroy();
    });
    await Promise.all([bench.http.get('/'), bench.http.get('/')]);
    expect((await bench.http.get('/')).ok).toBe(true);
    expect(balanced(bench)).toMatchObject({ expected: 3, failed: 0, resent: 1 });
  });

  test('600 ms after the request had come: it worked on it and failed', async () => {
    const bench = await talkTo(({ socket, indexOnConnection }) => {
      if (indexOnConnection === 0) socket.write(ok);
      else setTimeout(() => socket.end(), 600);
    });
    await bench.http.get('/');
    expect((await bench.http.get('/')).error!.kind).toBe('closed');
    expect(balanced(bench)).toMatchObject({ expected: 1, failed: 1, resent: 0 });
  });

  test('a fresh connection that is closed without an answer is a failure', async () => {
    const bench = await talkTo(({ socket }) => socket.destroy());
    const { error } = await bench.http.get('/');
    expect(['closed', 'reset']).toContain(error!.kind);
    expect(balanced(bench)).toMatchObject({ failed: 1, resent: 0 });
  });

  test('once an answer has begun nothing is sent again', async () => {
    const bench = await talkTo(({ socket, indexOnConnection }) => {
      if (indexOnConnection === 0) socket.write(ok);
      else socket.write('HTTP/1.1 2', () => socket.destroy());
    });
    await bench.http.get('/');
    await pause(10);
    await bench.http.get('/');
    expect(balanced(bench)).toMatchObject({ expected: 1, failed: 1, resent: 0 });
  });
});

describe('answers in pieces', () => {
  const chunked =
    'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n' +
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nx-sum: 1\r\n\r\n';

  test('split anywhere, with interim answers first, read the same', async () => {
    let pieces: string[] = [];
    const bench = await talkTo(({ socket }) => void writePieces(socket, pieces));
    const cuts = fc.array(fc.nat(chunked.length), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(cuts, async (at) => {
        const edges = [0, ...at.toSorted((a, b) => a - b), chunked.length];
        pieces = edges
          .slice(1)
          .map((end, n) => chunked.slice(edges[n], end))
          .filter((piece) => piece !== '');
        const answer = await bench.http.get('/');
        expect(answer.error).toBeUndefined();
        expect([answer.status, answer.text()]).toEqual([200, 'hello world']);
      }),
      { seed: 18, numRuns: 40 },
    );
    expect(bench.server.connectionsMade).toBe(1);
    expect(balanced(bench)).toMatchObject({ expected: 40, failed: 0, bytesIn: 40 * chunked.length });
  });

  test('a body that trickles counts to its last byte', async () => {
    const bench = await talkTo(({ socket }) => void writePieces(socket, ok.split('')));
    const { timings } = await bench.http.get('/');
    const series = balanced(bench);
    expect(timings.serviceMs).toBeGreaterThan(ok.length * 0.9);
    expect(timings.ttfbMs).toBeLessThan(timings.serviceMs / 2);
    expect(series.latency.maxUs).toBeGreaterThanOrEqual(Math.round(timings.serviceMs * 1000));
    expect(series.service.sumUs).toBe(Math.round(timings.serviceMs * 1000));
    expect(series.ttfb.sumUs).toBe(Math.round(timings.ttfbMs * 1000));
  });

  test('a body without a length ends with the connection', async () => {
    const bench = await talkTo(
      ({ socket }) => void writePieces(socket, ['HTTP/1.1 200 OK\r\n\r\nhel', 'lo']).then(() => socket.end()),
    );
    expect((await bench.http.get('/')).text()).toBe('hello');
    expect((await bench.http.get('/')).text()).toBe('hello');
    expect(bench.server.connectionsMade).toBe(2);
    balanced(bench);
  });

  test.each([
    ['HEAD', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n', 200],
    ['GET', 'HTTP/1.1 204 No Content\r\n\r\n', 204],
    ['GET', 'HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n', 304],
  ])('%s %j has no body', async (method, bytes, status) => {
    const bench = await talkTo(({ socket }) => socket.write(bytes));
    for (let n = 0; n < 3; n++) {
      const answer = await bench.http.request(method, '/');
      expect([answer.status, answer.text()]).toEqual([status, '']);
    }
    expect(bench.server.connectionsMade).toBe(1);
    balanced(bench);
  });

  test.each([
    ['closed in the middle of the body', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhel', 'end'],
    ['reset in the middle of the body', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhel', 'reset'],
    ['closed in the middle of the head', 'HTTP/1.1 200 OK\r\ncontent-', 'end'],
    ['closed between chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n', 'end'],
    ['no answer at all', 'SSH-2.0-OpenSSH_9.2\r\n', 'stay'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nhel', 'stay'],
    ['an upgrade that nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n', 'stay'],
  ])('%s is a failure, fast, and not in the headline latency', async (_, bytes, then) => {
    const bench = await talkTo(({ socket }) => {
      socket.write(bytes, () => {
        if (then === 'end') socket.end();
        if (then === 'reset') socket.resetAndDestroy();
      });
    });
    const answer = await bench.http.get('/');
    expect(answer).toMatchObject({ ok: false, status: 0 });
    expect(['closed', 'reset', 'protocol']).toContain(answer.error!.kind);
    const series = balanced(bench);
    expect(series).toMatchObject({ failed: 1, errors: { [answer.error!.kind]: 1 } });
    expect([series.latency.count, series.failedLatency.count]).toEqual([0, 1]);
    expect(bench.settings.recorder.openConnections).toBe(0);
  });
});

describe('no connection', () => {
  test('every waiting request is told, and none is left', async () => {
    const refused = httpBench({ target: `http://127.0.0.1:${await freePort()}`, http: { connectionsPerHost: 2 } });
    onTestFinished(() => refused.close());
    const answers = await Promise.all(Array.from({ length: 7 }, () => refused.http.get('/')));
    expect(answers.map((answer) => answer.error!.kind)).toEqual(Array(7).fill('refused'));
    expect(balanced(refused)).toMatchObject({ failed: 7, errors: { refused: 7 } });
    expect(refused.settings.recorder.openConnections).toBe(0);
  });
});
