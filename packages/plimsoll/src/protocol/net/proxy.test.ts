import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../kernel/errors.ts';
import { ConnectAnswerReader, bypassesProxy, connectRequest, parseProxy } from './proxy.ts';

describe('the address of a proxy', () => {
  test('with user, password and port', () => {
    expect(parseProxy('http://us%40er:p%3Aw@proxy.test:3128')).toEqual({
      host: 'proxy.test',
      port: 3128,
      authorization: `Basic ${Buffer.from('us@er:p:w').toString('base64')}`,
    });
  });

  test('a stray percent sign in the password stands for itself', () => {
    const { authorization } = parseProxy('http://user:100%@proxy.test');
    expect(authorization).toBe(`Basic ${Buffer.from('user:100%').toString('base64')}`);
  });

  test('port 80 and no authorization unless given; IPv6 without brackets', () => {
    expect(parseProxy('http://[::1]')).toEqual({ host: '::1', port: 80, authorization: undefined });
  });

  test.each(['https://proxy.test', 'proxy.test:3128', 'socks5://proxy.test', ''])('%j is refused', (text) => {
    expect(() => parseProxy(text)).toThrow(ConfigurationError);
  });

  test('a wrong address does not give the password away', () => {
    expect(() => parseProxy('https://user:se@cret@proxy.test')).toThrow(
      "the proxy 'https://…@proxy.test' is not an http:// URL",
    );
  });
});

test.each([
  ['app.test', 80, ['app.test'], true],
  ['API.app.test', 80, ['app.test'], true],
  ['api.app.test', 80, ['.app.test'], true],
  ['api.app.test', 80, ['*.app.test'], true],
  ['myapp.test', 80, ['app.test'], false],
  ['app.test', 8080, ['app.test:80'], false],
  ['app.test', 8080, ['app.test:8080'], true],
  ['anything.test', 80, ['*'], true],
  ['::1', 80, ['::1'], true],
  ['::1', 80, ['[::1]:80'], true],
  ['10.0.0.1', 80, ['10.0.0.1'], true],
  ['app.test', 80, [''], false],
  ['app.test', 80, [], false],
])('%s:%i with noProxy %j bypasses: %s', (host, port, noProxy, expected) => {
  expect(bypassesProxy(host, port, noProxy)).toBe(expected);
});

test('CONNECT names host and port, IPv6 in brackets, and carries the authorization', () => {
  const proxy = { host: 'p', port: 1, authorization: 'Basic eA==' };
  expect(connectRequest('::1', 443, proxy)).toBe(
    'CONNECT [::1]:443 HTTP/1.1\r\nhost: [::1]:443\r\nproxy-authorization: Basic eA==\r\n\r\n',
  );
});

const answer = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 Connection established\r\nvia: x\r\n\r\n';

property.prop([fc.array(fc.nat(answer.length), { maxLength: 6 }), fc.string({ maxLength: 8 })])(
  'the answer is read whole however it is split, and what follows is handed on',
  (cuts, tail) => {
    const after = Buffer.from(tail, 'utf8');
    const bytes = Buffer.concat([Buffer.from(answer, 'latin1'), after]);
    const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
    const reader = new ConnectAnswerReader();
    for (let i = 1; i < edges.length; i++) {
      const answered = reader.push(bytes.subarray(edges[i - 1], edges[i]));
      if (edges[i]! < answer.length) {
        expect(answered.state).toBe('more');
        continue;
      }
      const rest = bytes.subarray(answer.length, edges[i]);
      expect(answered).toEqual({ state: 'open', rest });
      return;
    }
    expect.unreachable('the answer was whole');
  },
);

test('a head without end is given up', () => {
  const reader = new ConnectAnswerReader();
  expect(reader.push(Buffer.alloc(16_384, 'x')).state).toBe('more');
  expect(reader.push(Buffer.from('x'))).toMatchObject({ state: 'failed', error: { kind: 'proxy' } });
});
