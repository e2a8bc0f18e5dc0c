import { describe, expect, test } from 'vitest';
import { classify, errorKinds } from './error-kind.ts';
import type { Phase } from './error-kind.ts';

function systemError(code: string, syscall = 'connect'): Error {
  return Object.assign(new Error(`${syscall} ${code}`), { code, syscall });
}

describe('system errors', () => {
  test.each<[string, Phase, string]>([
    ['ECONNREFUSED', 'connect', 'refused'],
    ['ECONNRESET', 'exchange', 'reset'],
    ['EPIPE', 'exchange', 'reset'],
    ['ETIMEDOUT', 'connect', 'connect-timeout'],
    ['ETIMEDOUT', 'exchange', 'timeout'],
    ['EHOSTUNREACH', 'connect', 'unreachable'],
    ['ENETUNREACH', 'connect', 'unreachable'],
    ['EMFILE', 'connect', 'file-limit'],
    ['ENFILE', 'connect', 'file-limit'],
    ['EADDRNOTAVAIL', 'connect', 'port-limit'],
    ['EAI_AGAIN', 'dns', 'dns'],
    ['ENOTFOUND', 'dns', 'dns'],
    ['CERT_HAS_EXPIRED', 'tls', 'tls'],
    ['ERR_SSL_SOMETHING_NEW', 'exchange', 'tls'],
    ['EWHATEVER', 'exchange', 'other'],
  ])('%s while in %s is of kind %s', (code, phase, kind) => {
    const found = classify(systemError(code), phase, 'app.test:80');
    expect(found).toMatchObject({ kind, code });
    expect(Object.keys(errorKinds)).toContain(found.kind);
    expect(found.message).not.toContain('%');
  });

  test('no port left and a foreign source address are told apart', () => {
    expect(classify(systemError('EADDRNOTAVAIL', 'bind'), 'connect').kind).toBe('unreachable');
    expect(classify(systemError('EADDRINUSE', 'bind'), 'connect').kind).toBe('port-limit');
  });
});

test('a client certificate that is missing shows only after the handshake, and is still a matter of TLS', () => {
  const error = Object.assign(new Error('alert'), { code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' });
  expect(classify(error, 'exchange', 'app.test:443')).toMatchObject({
    kind: 'tls',
    message: 'app.test:443 asks for a client certificate; give `tls.cert` and `tls.key`',
  });
});

test("of OpenSSL's own message only the reason is shown", () => {
  const message = '40:error:0A000126:SSL routines:ssl3_read_n:unexpected eof while reading:../ssl/record.c:308:\n';
  const error = Object.assign(new Error(message), { code: 'EPROTO' });
  expect(classify(error, 'tls', 'app.test:443').message).toBe(
    'TLS with app.test:443 failed: unexpected eof while reading',
  );
});

test('what is no error at all is still a sentence', () => {
  expect(classify('boom', 'exchange')).toEqual({ kind: 'other', message: 'the server: boom', code: '' });
});
