import { expect, test } from 'vitest';
import { answerOf, pause } from '../../../../test/support/raw-server.ts';
import { PollingConnection } from './polling-connection.ts';
import { handshake, Listener, pollingSetting } from './polling.fixture.ts';

test('silent, it is never at rest for another transport to take over', async () => {
  const { way, server } = await pollingSetting(({ socket, index }) => {
    if (index === 0) socket.write(handshake());
  });
  const user = new Listener();
  const connection = new PollingConnection(way(), user);
  await expect.poll(() => server.requests.length).toBe(2);
  connection.silence();
  server.requests[1]!.socket.write(answerOf('6'));
  await pause(30);
  let isAtRest = false;
  connection.pause(() => {
    isAtRest = true;
  });
  expect([isAtRest, user.messages.length, server.requests.length]).toEqual([false, 1, 2]);
});
