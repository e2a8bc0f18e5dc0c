/** Listeners to everything that come back when their instance goes: what the deployment's test runs beside it. */
import { fanOut } from 'plimsoll';

interface Started {
  readonly id: string;
}

fanOut(
  'listeners',
  {
    subscribers: 30,
    publishers: 4,
    rate: 20,
    duration: '8s',
    spacing: 'constant',
    drain: '2s',
    reconnect: { delay: '100ms', maxDelay: '500ms' },
    thresholds: ['exceptions < 1000', 'success >= 0%'],
    setup: async ({ http }) => {
      const json = { username: 'admin', password: 'plimsoll' };
      const answer = (await http.post('/auth/token', { json })).orThrow();
      return { token: answer.json<{ access_token: string }>().access_token };
    },
  },
  {
    connect: ({ io, data }) => io.connect({ auth: { token: data.token }, timeout: '2s' }),
    join: ({ socket }) => socket.emitWithAck('join', { all: true }),
    publish: async ({ http, data }) => {
      const json = { model_id: 'model-001', technique: 'pruning' };
      const path = '/optimization/sessions';
      return (await http.post(path, { bearer: data.token, json, timeout: '2s' })).orThrow().json<Started>().id;
    },
    receive: ({ name, args }) => {
      if (name !== 'session_started') return undefined;
      return { id: (args[0] as { session_id: string }).session_id };
    },
  },
);
