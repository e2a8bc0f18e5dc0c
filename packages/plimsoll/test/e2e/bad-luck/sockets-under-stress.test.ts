/** A server that dies under its sockets, one that sends faster than anybody reads, and a machine with too little of something. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { plantedSockets } from '../../support/planted-sockets.ts';
import {
  everything,
  makeProject,
  onlyTest,
  runTestFile,
  type CliProcess,
  type Project,
} from '../../support/run-cli.ts';
import { socketServerText, startSocketProcess } from '../../support/socket-process.ts';

function projectOf(test: string): Project {
  return makeProject({ 'a.load.ts': `${everything}\n${test}` });
}

const hasOpened = async (project: Project, sockets: number): Promise<void> => {
  await expect.poll(() => project.storedSoFar()?.tests[0]?.sockets?.opened ?? 0, { timeout: 20_000 }).toBe(sockets);
};

test('a server that is killed: its sockets end with 1006, attempts are refused, and the run ends as planned', async () => {
  const server = await startSocketProcess();
  const project = projectOf(`const sockets = new Map();
    loadTest('killed', { load: constantVus({ vus: 20, duration: '4s' }), connections: 'lazy', http: { timeout: '5s' } }, async ({ ws, vu, sleep }) => {
      let socket = sockets.get(vu.id);
      if (socket?.isOpen !== true) sockets.set(vu.id, (socket = await ws.connect('/echo')));
      if (socket.ok) await socket.step('ask', async () => { socket.send('x'); return socket.next(); });
      await sleep('20ms');
    });`);
  const running = project.start(['run', '--target', server.url]);
  await hasOpened(project, 20);
  server.kill();
  const run = await running.end();
  const measured = onlyTest(run);
  // 3 where the machine was too busy to issue in time.
  expect([1, 3]).toContain(run.code);
  expect(measured.books).toMatchObject({ balanced: true, breaches: [] });
  expect(measured.durationSeconds).toBeCloseTo(4, 0);
  const sockets = measured.sockets!;
  expect(sockets).toMatchObject({ opened: 20, open: 0, closed: { 1006: 20 } });
  expect(sockets.refused).toBeGreaterThan(20);
  // The kernel closes what a killed process held one by one, and may take a connection before it comes to the listener.
  const { tcp, upgrade } = sockets.refusedIn;
  expect(sockets.refusedIn).toEqual({ dns: 0, tcp, tls: 0, upgrade, namespace: 0 });
  expect(tcp + upgrade).toBe(sockets.refused);
  expect(upgrade).toBeLessThanOrEqual(20);
  // A step that met the end says so; none is left to time out.
  expect(
    Object.keys(measured.errors)
      .sort()
      .filter((kind) => !['closed', 'refused', ...(upgrade > 0 ? ['reset'] : [])].includes(kind)),
  ).toEqual([]);
  expect(measured.exceptions).toEqual([]);
  expect(run.stderr).toMatch(/first 'refused' failure, of WS \/echo: 127\.0\.0\.1:\d+ refused the connection/);
  const held = measured.timeline.map((point) => point.socketsOpen);
  expect(Math.max(...held.map((open) => open ?? 0))).toBe(20);
  expect(held.at(-1)).toBe(0);
});

/** The most memory that a process has held, in MB. One that has ended no longer tells: it is asked until then. */
async function peakMemory(running: CliProcess): Promise<number> {
  let peak = 0;
  const timer = setInterval(() => {
    const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(statusOf(running.pid))?.[1];
    if (kilobytes !== undefined) peak = Number(kilobytes) / 1024;
  }, 20);
  await running.end();
  clearInterval(timer);
  return peak;
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}

describe('more messages than anybody reads', () => {
  test.runIf(process.platform === 'linux')('every one is counted, and memory stays small', async () => {
    const server = await startSocketProcess();
    const each = 100_000;
    const project =
      projectOf(`loadTest('storm', { load: perVuIterations({ vus: 4, iterations: 1 }), connections: 'lazy' }, async ({ ws }) => {
      const socket = await ws.connect('/storm/${each}');
      await socket.next((message) => message.text() === 'last', { timeout: '40s' });
      await socket.close();
    });`);
    const running = project.start(['run', '--target', server.url]);
    const peak = await peakMemory(running);
    const run = await running.end();
    expect(run.code).toBe(0);
    const { sockets, books } = onlyTest(run);
    expect(books.balanced).toBe(true);
    expect(sockets).toMatchObject({ opened: 4, messagesIn: 4 * (each + 1), unclaimed: 4 * each, closed: { 1000: 4 } });
    // 1,000 bytes and a head of 4 each; 'last' has a head of 2. The answer to the close is 4 bytes.
    expect(sockets!.bytesIn).toBe(4 * (each * 1004 + 6 + 4));
    // 400 MB went through.
    expect(peak).toBeGreaterThan(50);
    expect(peak).toBeLessThan(300);
  });

  test('Ctrl-C is heard while a slow handler falls behind', async () => {
    const server = await startSocketProcess();
    const project =
      projectOf(`loadTest('endless', { load: constantVus({ vus: 2, duration: '60s' }), connections: 'lazy' }, async ({ ws, sleep }) => {
      const socket = await ws.connect('/endless');
      socket.on('message', () => { for (const until = performance.now() + 0.1; performance.now() < until;); });
      await sleep('60s');
    });`);
    const running = project.start(['run', '--target', server.url]);
    await hasOpened(project, 2);
    const interruptedMs = performance.now();
    running.signal('SIGINT');
    const run = await running.end();
    expect(performance.now() - interruptedMs).toBeLessThan(15_000);
    const measured = onlyTest(run);
    expect(run.code).toBe(130);
    expect(measured).toMatchObject({ verdict: 'interrupted', books: { balanced: true, breaches: [] } });
    expect(measured.sockets!.messagesIn).toBeGreaterThan(1000);
    expect(measured.sockets).toMatchObject({ open: 2, unclaimed: 0 });
  });
});

describe('a machine with too little', () => {
  test('more VUs than open files: said before anything is sent', async () => {
    const server = await plantedSockets((visitor) => visitor.accept());
    const project = projectOf(
      `loadTest('files', { load: perVuIterations({ vus: 200, iterations: 1 }), connections: 'lazy' }, async ({ ws }) => { await ws.connect('/'); });`,
    );
    const run = await project.run(['run', '--target', server.url], { shell: 'ulimit -n 150' });
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(
      /'files' needs 200 connections, and this shell allows 150 open files — no more than 150, the hard limit, can be had/,
    );
    expect(server.connections).toBe(0);
  });

  test('more sockets than open files: invalid, with what to do; those that fit are served', async () => {
    const server = await plantedSockets((visitor) => visitor.accept());
    const run = await runTestFile(
      `loadTest('files', { load: perVuIterations({ vus: 10, iterations: 1 }), connections: 'lazy' }, async ({ ws }) => {
        for (let n = 0; n < 20; n++) await ws.connect('/');
      });`,
      ['--target', server.url],
      { shell: 'ulimit -n 150' },
    );
    const { sockets, errors, validity } = run.test;
    const opened = server.visitors.length;
    expect(sockets).toMatchObject({ attempts: 200, opened, open: opened, refused: 200 - opened });
    expect(sockets!.refusedIn.tcp).toBe(200 - opened);
    expect(errors).toEqual({ 'file-limit': 200 - opened });
    expect(validity.state).toBe('INVALID');
    expect(validity.reasons.find((reason) => reason.code === 'file-limit')!.message).toMatch(/raise `ulimit -n`/);
    // 5 where a file could not be opened for the results either.
    expect([3, 5]).toContain(run.code);
  });

  const hasIp = spawnSync('ip', ['-V'], { stdio: 'ignore' }).status === 0;
  const canUnshare = spawnSync('unshare', ['-rn', 'true'], { stdio: 'ignore' }).status === 0;

  test.runIf(hasIp && canUnshare).each([
    ['one source address: invalid, and told to give more', []],
    ['three source addresses: all fit', ['--source-address', '127.0.0.1,127.0.0.2,127.0.0.3']],
  ] as const)('50 sockets and 21 local ports, %s', async (_, args) => {
    const project = makeProject({
      'server.mjs': socketServerText,
      'a.load.ts': `${everything}
      loadTest('ports', { load: perVuIterations({ vus: 50, iterations: 1 }), connections: 'lazy' }, async ({ ws }) => {
        await ws.connect('/echo');
        // Not the tool's sleep: 50 that end at once would be a question of this machine.
        await new Promise((resolve) => setTimeout(resolve, 1500));
      });`,
    });
    // The server shares the network of the tool, and its group, with which it is ended.
    const shell = [
      'ip link set lo up',
      'echo "40000 40020" > /proc/sys/net/ipv4/ip_local_port_range',
      `"${process.execPath}" server.mjs 8080 >listening 2>&1 &`,
      'while [ ! -s listening ]; do sleep 0.05; done',
    ].join('\n');
    const run = await project.run(['run', '--target', 'http://127.0.0.1:8080', '--json', ...args], {
      through: ['unshare', '-rn'],
      shell,
    });
    const { sockets, validity, errors } = onlyTest(run);
    expect(sockets).toMatchObject({ attempts: 50, refused: 50 - sockets!.opened });
    if (args.length > 0) {
      // Not VALID: how late 50 sockets begin that are due at once is a question of this machine, too.
      const limits = validity.reasons.map(({ code }) => code).filter((code) => code.endsWith('-limit'));
      expect({ code: run.code, opened: sockets!.opened, errors, limits }).toEqual({
        code: 0,
        opened: 50,
        errors: {},
        limits: [],
      });
      return;
    }
    // Linux leaves the last of an odd number of ports alone, and the run's question whether the server is there holds one.
    expect(sockets!.opened).toBeGreaterThanOrEqual(18);
    expect(sockets!.opened).toBeLessThanOrEqual(21);
    expect(run.code).toBe(3);
    expect(errors).toEqual({ 'port-limit': 50 - sockets!.opened });
    expect(sockets!.refusedIn.tcp).toBe(50 - sockets!.opened);
    expect(validity.reasons.find((reason) => reason.code === 'port-limit')!.message).toMatch(/--source-address/);
  });
});
