/** What goes along with a request goes along with a socket: the same headers and credentials, whichever of them wins. */
import { expect, onTestFinished, test } from 'vitest';
import { rawServer, type RawRequest, type RawServer } from '../../../../test/support/raw-server.ts';
import type { HttpPlan } from '../../../model/plan.ts';
import type { OwnCredentials } from '../http/credentials.ts';
import { httpBench, type HttpBench, type HttpOptions } from '../http/settings.fixture.ts';
import { Scheduler } from '../scheduler.ts';
import { VuSockets } from './vu-sockets.ts';

type Options = OwnCredentials & { readonly headers?: Readonly<Record<string, string>> };

interface Case {
  readonly http?: Partial<HttpPlan>;
  readonly options?: Options;
  /** Of the address, at the target or at another origin that is allowed. */
  readonly user?: 'u:p@';
  readonly elsewhere?: true;
  readonly expected: Readonly<Record<string, string>>;
}

const both = { Authorization: 'Key k', Cookie: 'a=1', 'X-Own': 'on' };
const password = { user: 'u', password: 'p' };
const basicUp = `Basic ${btoa('u:p')}`;

const cases: Readonly<Record<string, Case>> = {
  'the default token': { http: { bearer: 't0' }, expected: { authorization: 'Bearer t0' } },
  'the default token, elsewhere': { http: { bearer: 't0' }, elsewhere: true, expected: {} },
  'a token of its own, elsewhere': {
    options: { bearer: 't1' },
    elsewhere: true,
    expected: { authorization: 'Bearer t1' },
  },
  'the default password': { http: { basic: password }, expected: { authorization: basicUp } },
  'the default password, elsewhere': { http: { basic: password }, elsewhere: true, expected: {} },
  'default headers': { http: { headers: both }, expected: { authorization: 'Key k', cookie: 'a=1', 'x-own': 'on' } },
  'default headers, elsewhere': { http: { headers: both }, elsewhere: true, expected: { 'x-own': 'on' } },
  'a default header and a default token': {
    http: { headers: { Authorization: 'Key k' }, bearer: 't0' },
    expected: { authorization: 'Key k' },
  },
  'a password in the address and a default token': {
    http: { bearer: 't0' },
    user: 'u:p@',
    expected: { authorization: basicUp },
  },
  'a password in the address and a token of its own': {
    options: { bearer: 't1' },
    user: 'u:p@',
    expected: { authorization: 'Bearer t1' },
  },
  'an empty token of its own': { http: { bearer: 't0' }, options: { bearer: '' }, expected: {} },
  'a password of its own and a default token': {
    http: { bearer: 't0' },
    options: { basic: { user: 'u', password: 'ö' } },
    expected: { authorization: 'Basic dTrDtg==' },
  },
  'a header of its own and all else': {
    http: { bearer: 't0', headers: { authorization: 'Key k' } },
    options: { headers: { AUTHORIZATION: 'Mine' }, basic: password },
    user: 'u:p@',
    expected: { authorization: 'Mine' },
  },
};

/** Turns everybody away. */
async function refusingServer(): Promise<RawServer> {
  return rawServer(({ socket }) => socket.write('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n'));
}

/** What the request says of who sends it. */
function credentialsOf({ text }: RawRequest): Record<string, string> {
  const lines = text.matchAll(/^(authorization|cookie|x-own): (.*)\r$/gim);
  return Object.fromEntries([...lines].map(([, name, value]) => [name!, value!]));
}

function socketsOf(options: HttpOptions): { readonly bench: HttpBench; readonly sockets: VuSockets } {
  const bench = httpBench(options);
  const { settings, builder, thread, vu } = bench;
  const scheduler = new Scheduler(settings.clock, false);
  onTestFinished(() => {
    bench.close();
    scheduler.close();
  });
  const context = { settings, quiet: settings, quietBuilder: builder, scheduler, thread, vu, scenario: 's' };
  return { bench, sockets: new VuSockets(context) };
}

test.each(Object.entries(cases))('%s', async (_, { http = {}, options = {}, user = '', elsewhere, expected }) => {
  const [target, other] = [await refusingServer(), await refusingServer()];
  const asked = elsewhere ? other : target;
  const { bench, sockets } = socketsOf({ target: target.url, http, allow: ['127.0.0.1'] });
  const { ws, io, sse } = sockets;
  const address = `http://${user}127.0.0.1:${asked.port}/a`;
  await bench.http.get(address, options);
  await ws.connect(address, options);
  await io.connect({ path: address, ...options });
  await io.connect({ path: address, transports: ['polling'], ...options });
  await sse.connect(address, options);
  expect(asked.requests.map(credentialsOf)).toEqual(Array.from({ length: 5 }, () => expected));
});

test.each<[string, (sockets: VuSockets) => Promise<unknown>]>([
  ['ws', ({ ws }) => ws.connect('/')],
  ['io', ({ io }) => io.connect()],
  ['io by polling', ({ io }) => io.connect({ transports: ['polling'] })],
  ['sse', ({ sse }) => sse.connect('/')],
])('%s: what a refusal sets goes along with the next attempt', async (_, connect) => {
  const server = await rawServer(({ socket }) =>
    socket.write('HTTP/1.1 503 Not Now\r\nset-cookie: turn=1; Path=/\r\ncontent-length: 0\r\n\r\n'),
  );
  const { sockets } = socketsOf({ target: server.url });
  await connect(sockets);
  await connect(sockets);
  expect(server.requests.map(credentialsOf)).toEqual([{}, { cookie: 'turn=1' }]);
});
