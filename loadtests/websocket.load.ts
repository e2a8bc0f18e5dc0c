import { group, loadTest, perVuIterations } from 'plimsoll';
import { signIn } from './sign-in.ts';

group('TestWebSocketLoad', () => {
  loadTest(
    'test_websocket_multiple_connections',
    {
      load: perVuIterations({ vus: 50, iterations: 1 }),
      connections: 'lazy',
      thresholds: ['connect.success >= 90%', 'connect.mean < 1s', 'join: latency.p95 < 1s'],
      setup: async ({ http }) => ({ token: await signIn(http) }),
    },
    async ({ io, data, sleep }) => {
      const socket = await io.connect({ auth: { token: data.token } });
      if (!socket.ok) return;
      await socket.step('join', () => socket.emitWithAck('join', { all: true }));
      // All fifty are open at once.
      await sleep('1s');
      await socket.close();
    },
  );
});
