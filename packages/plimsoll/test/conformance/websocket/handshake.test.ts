/** Answers to the upgrade, right and wrong: ours and `ws` must believe the same ones, but where a case says why not. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ourClient, wsClient, type ClientOptions } from './clients.ts';
import { close } from './frames.ts';
import { scriptedServer, type ScriptedServer } from './scripted-server.ts';

let server: ScriptedServer;
beforeAll(async () => {
  server = await scriptedServer();
});
afterAll(() => server.stop());

interface AnswerCase {
  readonly name: string;
  readonly answer: (accept: string) => string;
  readonly isGood: boolean;
  readonly compress?: ClientOptions['compress'];
  readonly protocols?: readonly string[];
  /** What our client says of it. */
  readonly says?: RegExp;
  /** `ws` judges otherwise: why. */
  readonly differs?: string;
}

const lines = (...rest: readonly string[]): string => [...rest, '', ''].join('\r\n');
const switching = 'HTTP/1.1 101 Switching Protocols';
const upgrade = 'Upgrade: websocket';
const connection = 'Connection: Upgrade';
const accepted = (accept: string): string => `Sec-WebSocket-Accept: ${accept}`;
const good = (accept: string, ...rest: readonly string[]): string =>
  lines(switching, upgrade, connection, accepted(accept), ...rest);
const extension =
  (terms: string): AnswerCase['answer'] =>
  (accept) =>
    good(accept, `Sec-WebSocket-Extensions: ${terms}`);

const plain: readonly AnswerCase[] = [
  { name: 'as it should be', answer: good, isGood: true },
  {
    name: 'in other letters',
    isGood: true,
    answer: (accept) =>
      lines(switching, 'UPGRADE: WebSocket', 'connection: uPGRADE', `sec-websocket-accept: ${accept}`),
  },
  {
    name: 'after an interim answer',
    isGood: true,
    answer: (accept) => lines('HTTP/1.1 103 Early Hints') + good(accept),
  },
  {
    name: 'with keep-alive beside the upgrade',
    isGood: true,
    answer: (accept) => lines(switching, upgrade, 'Connection: keep-alive, Upgrade', accepted(accept)),
  },
  {
    name: 'without an upgrade',
    isGood: false,
    says: /'upgrade' is not/,
    answer: (accept) => lines(switching, connection, accepted(accept)),
  },
  {
    name: 'to another protocol',
    isGood: false,
    says: /'upgrade' is not/,
    answer: (accept) => lines(switching, 'Upgrade: h2c', connection, accepted(accept)),
  },
  {
    name: 'without a connection',
    isGood: false,
    says: /'connection' is not/,
    answer: (accept) => lines(switching, upgrade, accepted(accept)),
  },
  {
    name: 'without an accept',
    isGood: false,
    says: /does not answer our key/,
    answer: () => lines(switching, upgrade, connection),
  },
  {
    name: 'with the wrong accept',
    isGood: false,
    says: /does not answer our key/,
    answer: () => good('s3pPLMBiTxaQ9kYGzzhZRbK+xOo='),
  },
  {
    name: 'with a subprotocol nobody offered',
    isGood: false,
    says: /'chat', which was not offered/,
    answer: (accept) => good(accept, 'Sec-WebSocket-Protocol: chat'),
  },
  {
    name: 'with an extension nobody offered',
    isGood: false,
    says: /'x-secret', which was not offered/,
    answer: extension('x-secret'),
  },
  {
    name: 'with compression nobody offered',
    isGood: false,
    says: /which was not offered/,
    answer: extension('permessage-deflate'),
  },
  {
    name: 'a page instead',
    isGood: false,
    says: /with status 200/,
    answer: () => lines('HTTP/1.1 200 OK', 'Content-Length: 0'),
  },
  {
    name: '401',
    isGood: false,
    says: /with status 401/,
    answer: () => lines('HTTP/1.1 401 Unauthorized', 'Content-Length: 0'),
  },
  {
    name: '429',
    isGood: false,
    says: /with status 429/,
    answer: () => lines('HTTP/1.1 429 Too Many Requests', 'Retry-After: 7', 'Content-Length: 0'),
  },
  {
    name: '503',
    isGood: false,
    says: /with status 503/,
    answer: () => lines('HTTP/1.1 503 Service Unavailable', 'Content-Length: 0'),
  },
  {
    name: 'a redirect',
    isGood: false,
    says: /with status 302/,
    answer: () => lines('HTTP/1.1 302 Found', 'Location: /there', 'Content-Length: 0'),
  },
  { name: 'no HTTP', isGood: false, says: /./, answer: () => 'SSH-2.0-OpenSSH_9.2\r\n\r\n' },
  { name: 'nothing but the end', isGood: false, says: /./, answer: () => '' },
];

const withProtocols: readonly AnswerCase[] = [
  {
    name: 'one of those offered',
    protocols: ['a', 'b'],
    isGood: true,
    answer: (accept) => good(accept, 'Sec-WebSocket-Protocol: b'),
  },
  {
    name: 'one that was not',
    protocols: ['a', 'b'],
    isGood: false,
    says: /'c', which was not offered/,
    answer: (accept) => good(accept, 'Sec-WebSocket-Protocol: c'),
  },
  {
    name: 'both',
    protocols: ['a', 'b'],
    isGood: false,
    says: /'a, b', which was not offered/,
    answer: (accept) => good(accept, 'Sec-WebSocket-Protocol: a, b'),
  },
  {
    name: 'none',
    protocols: ['a', 'b'],
    isGood: true,
    answer: good,
    differs: 'section 4.1 lets a server leave the subprotocol out; ws takes it for a fault',
  },
];

const compressed: readonly AnswerCase[] = [
  ...[
    'permessage-deflate',
    'permessage-deflate; server_no_context_takeover',
    'permessage-deflate; client_no_context_takeover',
    'permessage-deflate; server_max_window_bits=9',
    'permessage-deflate; server_max_window_bits="10"',
    'permessage-deflate; client_max_window_bits=12',
    'permessage-deflate;server_no_context_takeover;client_no_context_takeover;server_max_window_bits=15;client_max_window_bits=15',
  ].map((terms) => ({ name: terms, isGood: true, answer: extension(terms) })),
  ...[
    'permessage-deflate; server_max_window_bits',
    'permessage-deflate; server_max_window_bits=7',
    'permessage-deflate; server_max_window_bits=16',
    'permessage-deflate; client_max_window_bits=0',
    'permessage-deflate; server_no_context_takeover=1',
    'permessage-deflate; server_no_context_takeover; server_no_context_takeover',
    'permessage-deflate; nonsense',
    'permessage-bzip2',
  ].map((terms) => ({ name: terms, isGood: false, says: /not valid: it/, answer: extension(terms) })),
  {
    name: 'permessage-deflate, permessage-deflate',
    isGood: false,
    says: /which was not offered/,
    answer: extension('permessage-deflate, permessage-deflate'),
    differs: 'it was offered once; ws takes the first of the two',
  },
  {
    name: 'permessage-deflate; client_max_window_bits',
    isGood: false,
    says: /must be 8 to 15/,
    answer: extension('permessage-deflate; client_max_window_bits'),
  },
  {
    name: 'permessage-deflate; server_max_window_bits=08',
    isGood: false,
    says: /must be 8 to 15/,
    answer: extension('permessage-deflate; server_max_window_bits=08'),
    differs: 'section 7.1.2.1: no leading zeroes; ws lets it pass',
  },
].map((each) => ({ ...each, compress: true }));

const withoutContext: readonly AnswerCase[] = [
  {
    name: 'as asked',
    isGood: true,
    answer: extension('permessage-deflate; server_no_context_takeover'),
  },
  {
    name: 'not as asked',
    isGood: false,
    says: /does not keep to server_no_context_takeover/,
    answer: extension('permessage-deflate'),
    differs: 'RFC 7692, 7.1.1.1: who takes the offer takes it with its terms; ws lets it pass',
  },
].map((each) => ({ ...each, compress: { serverNoContextTakeover: true } as const }));

describe.each([
  ['an answer', plain],
  ['a subprotocol', withProtocols],
  ['compression', compressed],
  ['compression without context', withoutContext],
] as const)('%s', (_, cases) => {
  test.each([...cases])('$name', async ({ answer, isGood, compress = false, protocols = [], says, differs }) => {
    const outcomes = [];
    for (const client of [ourClient, wsClient]) {
      const heard = server.play({ answer, pieces: isGood ? [close(1000)] : [] });
      const seen = await client(server.port, { compress, protocols });
      await heard;
      outcomes.push(seen);
    }
    const [ours, theirs] = outcomes;
    expect(ours!.opened).toBe(isGood);
    if (says !== undefined) expect(ours!.error).toMatch(says);
    if (differs === undefined) expect(theirs!.opened).toBe(ours!.opened);
    else expect(theirs!.opened, 'no longer differs').not.toBe(ours!.opened);
    if (isGood && differs === undefined) expect(ours!.protocol).toBe(theirs!.protocol);
  });
});
