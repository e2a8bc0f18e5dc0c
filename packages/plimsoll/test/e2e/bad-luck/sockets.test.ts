/** Mistakes and bad luck with WebSockets: one clear sentence, the right outcome in the books, and the run goes on. */
import { describe, expect, test } from 'vitest';
import { plantedSockets, type Visitor } from '../../support/planted-sockets.ts';
import { everything, makeProject, onlyTest, runTestFile } from '../../support/run-cli.ts';

const four = "load: sharedIterations({ vus: 2, iterations: 4 }), connections: 'lazy'";

function echo(visitor: Visitor): void {
  visitor.onText = (text) => {
    visitor.send(text);
  };
  visitor.accept();
}

/** What standard error says of the first failure of its kind. */
const firstFailure = (stderr: string): string | undefined => /first '.*/.exec(stderr)?.[0];

test('an address of another scheme: said with what to write, at its place, and the run goes on', async () => {
  const server = await plantedSockets(echo);
  const run = await runTestFile(
    `loadTest('scheme', { ${four} }, async ({ ws }) => {
      (await ws.connect('/')).terminate('fin');
      await ws.connect('ftp://127.0.0.1/x');
    });`,
    ['--target', server.url],
  );
  expect(run.code).toBe(1);
  expect(run.test).toMatchObject({ iterations: 4, sockets: { attempts: 4, opened: 4, refused: 0 } });
  expect(run.test.exceptions).toMatchObject([
    {
      count: 4,
      message: "a WebSocket has no address that begins with 'ftp://' — write a path, or 'ws://…' or 'wss://…'",
      place: expect.stringMatching(/^a\.load\.ts:4/) as string,
    },
  ]);
});

describe('an upgrade that is refused', () => {
  test.each([
    [200, 'the server answered the upgrade with status 200'],
    [404, 'the server answered the upgrade with status 404'],
  ])('with %i and a body', async (status, message) => {
    const server = await plantedSockets((visitor) =>
      visitor.refuse(status, 'content-type: text/html\r\n', '<p>'.repeat(30_000)),
    );
    const run = await runTestFile(
      `loadTest('refused', { ${four} }, async ({ ws }) => {
        const socket = await ws.connect('/');
        if (socket.ok || socket.status !== ${status} || socket.error.message !== '${message}') throw new Error(socket.error?.message);
      });`,
      ['--target', server.url],
    );
    expect({ code: run.code, exceptions: run.test.exceptions }).toEqual({ code: 1, exceptions: [] });
    expect(run.test).toMatchObject({ iterations: 4, failed: 4, errors: { status: 4 }, status: { [status]: 4 } });
    expect(run.test.sockets).toMatchObject({ opened: 0, refused: 4, refusedStatus: { [status]: 4 } });
  });
});

describe('an open connection whose server breaks the rules', () => {
  const maskedFrame = [0x81, 0x81, 1, 2, 3, 4, 0x79];
  test.each([
    [
      'a message beyond maxMessageBytes',
      [0x81, 11, ...Buffer.from('eleven long')],
      1009,
      'a message of more than 10 bytes',
    ],
    ['a masked frame', maskedFrame, 1002, 'a masked frame'],
    ['a text that is not UTF-8', [0x81, 1, 0xff], 1007, 'a text that is not UTF-8'],
  ])('%s: the test and its books hear why', async (_, frame, toldServer, fault) => {
    const server = await plantedSockets((visitor) => {
      visitor.onText = () => visitor.socket.write(Buffer.from(frame));
      visitor.accept();
    });
    const run = await runTestFile(
      `loadTest('broken', { ${four} }, async ({ ws }) => {
        const socket = (await ws.connect('/', { maxMessageBytes: 10 })).orThrow();
        const end = new Promise((resolve) => socket.on('close', resolve));
        await socket.step('ask', () => { socket.send('x'); return socket.next(); });
        const { code, reason, wasClean } = await end;
        if (code !== 1006 || wasClean || reason !== 'the server sent ${fault}') throw new Error(code + ' ' + reason);
      });`,
      ['--target', server.url, '--workers', '1'],
    );
    expect(run.test.exceptions).toEqual([]);
    expect(run.test.sockets).toMatchObject({ opened: 4, open: 0, messagesIn: 0, closed: { 1006: 4 } });
    expect(server.visitors.map((each) => each.closeCode)).toEqual(Array(4).fill(toldServer));
    expect(run.stderr.split(`WS /: an open connection failed: the server sent ${fault}`)).toHaveLength(2);
    expect(firstFailure(run.stderr)).toBe(
      `first 'closed' failure, of ask: WS /: the socket is not open: it ended with 1006: the server sent ${fault}`,
    );
  });
});

describe('subprotocols', () => {
  test('one that was not offered is no WebSocket', async () => {
    const server = await plantedSockets((visitor) => visitor.accept('sec-websocket-protocol: v9\r\n'));
    const run = await runTestFile(
      `loadTest('subprotocol', { ${four} }, async ({ ws }) => { await ws.connect('/', { protocols: ['v1', 'v2'] }); });`,
      ['--target', server.url],
    );
    expect(run.code).toBe(1);
    expect(firstFailure(run.stderr)).toBe(
      "first 'protocol' failure, of WS /: the server's answer to the upgrade is not valid: it chose the subprotocol 'v9', which was not offered",
    );
    expect(run.test).toMatchObject({
      failed: 4,
      errors: { protocol: 4 },
      sockets: { opened: 0, refusedIn: { upgrade: 4 } },
    });
  });

  test('none chosen: it stands, and says so', async () => {
    const server = await plantedSockets(echo);
    const run = await runTestFile(
      `loadTest('subprotocol', { ${four} }, async ({ ws }) => {
        const socket = await ws.connect('/', { protocols: ['v1'] });
        if (!socket.ok || socket.protocol !== '') throw new Error('agreed on something');
        await socket.close();
      });`,
      ['--target', server.url],
    );
    expect({ code: run.code, exceptions: run.test.exceptions }).toEqual({ code: 0, exceptions: [] });
    expect(server.visitors.map((each) => each.header('sec-websocket-protocol'))).toEqual(['v1', 'v1', 'v1', 'v1']);
  });
});

test('what handlers and predicates throw is counted by its place, and the socket goes on', async () => {
  const server = await plantedSockets(echo);
  const run = await runTestFile(
    `loadTest('throws', { ${four} }, async ({ ws }) => {
      const socket = await ws.connect('/');
      socket.on('message', () => { throw new Error('in a message handler'); });
      socket.on('close', () => { throw new Error('in a close handler'); });
      socket.send('a');
      await socket.next();
      socket.send('b');
      try { await socket.next(() => { throw new Error('in a predicate'); }); }
      catch (error) { if (error.message !== 'in a predicate') throw error; }
      socket.send('c');
      await socket.next((message) => message.text() === 'c');
      await socket.close();
    });`,
    ['--target', server.url],
  );
  expect(run.code).toBe(1);
  const counts = run.test.exceptions.map(({ message, count, place }) => [
    message,
    count,
    /^a\.load\.ts:\d+/.test(place),
  ]);
  expect(counts).toEqual([
    ['in a message handler', 12, true],
    ['in a close handler', 4, true],
  ]);
  expect(run.test).toMatchObject({
    iterations: 4,
    sockets: { opened: 4, messagesIn: 12, unclaimed: 0, closed: { 1000: 4 } },
  });
});

test('a handler gets what the server said at once, and no message is counted twice', async () => {
  const server = await plantedSockets((visitor) => {
    echo(visitor);
    // On the wire together with the answer to the upgrade.
    for (const text of ['hello', 'again']) visitor.send(text);
  });
  const run = await runTestFile(
    `loadTest('early', { ${four} }, async ({ ws }) => {
      const socket = await ws.connect('/');
      const heard = [];
      const off = socket.on('message', (message) => heard.push(message.text()));
      const waiting = socket.next((message) => message.text() === 'both');
      socket.on('message', () => undefined);
      socket.send('both');
      await waiting;
      if (heard.join() !== 'hello,again,both') throw new Error(heard.join());
      off();
      await socket.close();
    });`,
    ['--target', server.url],
  );
  expect({ code: run.code, exceptions: run.test.exceptions }).toEqual({ code: 0, exceptions: [] });
  expect(run.test.sockets).toMatchObject({ messagesIn: 12, unclaimed: 0, messagesOut: 4 });
  // Heads of 2 bytes; the close has its code in it.
  expect(run.test.sockets!.bytesIn).toBe(4 * (7 + 7 + 6 + 4));
});

describe('a run that is interrupted', () => {
  test.each([
    ['answers', true],
    ['ignores', false],
  ])('with 200 sockets open to a server that %s the close', async (_, answers) => {
    const server = await plantedSockets((visitor) => {
      echo(visitor);
      if (!answers) visitor.socket.pause();
    });
    const project = makeProject({
      'a.load.ts': `${everything}
      loadTest('held', { load: constantVus({ vus: 200, duration: '60s' }), connections: 'lazy' }, async ({ ws, sleep }) => {
        await ws.connect('/');
        await sleep('60s');
      });`,
    });
    const running = project.start(['run', '--target', server.url]);
    await expect.poll(() => server.visitors.length, { timeout: 20_000 }).toBe(200);
    // The tool has read the last answer, too, and told of it.
    await expect.poll(() => project.storedSoFar()?.tests[0]?.sockets?.opened, { timeout: 10_000 }).toBe(200);
    const interruptedMs = performance.now();
    running.signal('SIGINT');
    const run = await running.end();
    expect(run.code).toBe(130);
    expect(performance.now() - interruptedMs).toBeLessThan(12_000);
    const measured = onlyTest(run);
    expect(measured).toMatchObject({ verdict: 'interrupted', stopped: 'interrupted', books: { balanced: true } });
    expect(measured.sockets).toMatchObject({ attempts: 200, opened: 200, open: 200, closed: {} });
    if (!answers) return;
    await expect.poll(() => server.visitors.filter((each) => each.closeCode === 1001).length).toBe(200);
    await expect.poll(() => server.open).toBe(0);
  });
});
