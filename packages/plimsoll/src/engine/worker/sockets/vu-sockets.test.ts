import { expect, onTestFinished, test } from 'vitest';
import { rawServer } from '../../../../test/support/raw-server.ts';
import { httpBench } from '../http/settings.fixture.ts';
import { Scheduler } from '../scheduler.ts';
import { VuSockets } from './vu-sockets.ts';

test.each<[string, (sockets: VuSockets) => Promise<unknown>]>([
  ['ws', ({ ws }) => ws.connect('/')],
  ['io', ({ io }) => io.connect()],
  ['two of io', ({ io }) => Promise.all([io.connect(), io.connect()])],
  ['sse', ({ sse }) => sse.connect('/')],
])('%s: what a sleep was late by is lag once, of the attempt that it made due', async (_, connect) => {
  const server = await rawServer(({ socket }) => socket.write('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n'));
  const bench = httpBench({ target: server.url });
  const { settings, builder, thread, vu } = bench;
  const scheduler = new Scheduler(settings.clock, false);
  onTestFinished(() => {
    bench.close();
    scheduler.close();
  });
  const sockets = new VuSockets({
    settings,
    quiet: settings,
    quietBuilder: builder,
    scheduler,
    thread,
    vu,
    scenario: 's',
  });
  vu.sleepLagMs = 300;
  vu.pendingDueMs = settings.clock.now() - 300;
  const connecting = connect(sockets);
  // As the turn that the sleep's end began ends: what nobody took is recorded then.
  expect(vu.sleepLagMs).toBe(-1);
  vu.pendingDueMs = 0;
  await connecting;
  const { lag } = bench.take();
  expect(lag.count).toBe(1);
  expect(lag.minUs).toBeGreaterThanOrEqual(300_000);
});
