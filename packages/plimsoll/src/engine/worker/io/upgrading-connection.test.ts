/** An upgrade that comes to nothing: whose doing that was says how it stands in the books. */
import { expect, test } from 'vitest';
import { answerOf, type RawServer } from '../../../../test/support/raw-server.ts';
import { transportError } from '../../../protocol/net/error-kind.ts';
import type { SeriesDelta } from '../../../stats/snapshot.ts';
import { handshake, Listener, pollingSetting } from './polling.fixture.ts';
import { UpgradingConnection } from './upgrading-connection.ts';

interface Upgrading {
  readonly connection: UpgradingConnection;
  readonly user: Listener;
  readonly server: RawServer;
  readonly taken: () => SeriesDelta;
}

/** The polling waits for what the server says, and so does the WebSocket for its 101. */
async function upgrading(): Promise<Upgrading> {
  const { way, server, bench } = await pollingSetting(({ socket, index, line }) => {
    if (index === 0) socket.write(handshake(['websocket']));
    else if (line.startsWith('POST')) socket.write(answerOf('ok'));
  });
  const user = new Listener();
  const connection = new UpgradingConnection(way(), user);
  await expect.poll(() => server.requests.length).toBe(3);
  const taken = (): SeriesDelta => bench.take().series.find(({ name }) => name === 'UPGRADE /')!;
  return { connection, user, server, taken };
}

const pollOf = ({ requests }: RawServer) =>
  requests.find(({ line, index }) => index > 0 && line.includes('transport=polling'))!.socket;

test.each(['reset', 'fin'] as const)('the test breaks it off by %s: unfinished', async (how) => {
  const { connection, user, server, taken } = await upgrading();
  connection.terminate(how, transportError('closed', 'the test left'));
  await expect.poll(() => user.end).toMatchObject({ code: 1006, error: { message: 'the test left' } });
  expect(taken()).toMatchObject({ issued: 1, unfinished: 1, failed: 0, errors: {} });
  await expect.poll(() => server.sockets.size).toBe(0);
});

test('the test falls silent: unfinished, and its end waits for nothing', async () => {
  const { connection, user, server, taken } = await upgrading();
  connection.silence();
  expect(taken()).toMatchObject({ issued: 1, unfinished: 1, failed: 0, errors: {} });
  expect([server.sockets.size, connection.state]).toEqual([2, 'open']);
  connection.close(1000);
  const error = { kind: 'closed', message: 'the test left without a close packet' };
  expect(user.end).toMatchObject({ code: 1000, wasClean: false, error });
  await expect.poll(() => server.sockets.size).toBe(0);
});

test('closed by the test, and then silent: its end waits no longer', async () => {
  const { connection, user } = await upgrading();
  connection.close(1000);
  expect(user.end).toBe(undefined);
  connection.silence();
  expect(user.end?.code).toBe(1000);
});

test('closed by the test, and the server ends the session: unfinished', async () => {
  const { connection, user, server, taken } = await upgrading();
  connection.close();
  pollOf(server).write(answerOf('1'));
  await expect.poll(() => user.end?.code).toBe(1005);
  expect(taken()).toMatchObject({ issued: 1, unfinished: 1, failed: 0, errors: {} });
});

test('the server ends the session by itself: a failure', async () => {
  const { user, server, taken } = await upgrading();
  pollOf(server).write(answerOf('1'));
  await expect.poll(() => user.end?.code).toBe(1005);
  expect(taken()).toMatchObject({ issued: 1, unfinished: 0, failed: 1, errors: { closed: 1 } });
});
