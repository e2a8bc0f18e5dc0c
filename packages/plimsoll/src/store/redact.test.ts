import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redactCommand, redactText } from './redact.ts';

describe('the command that is stored', () => {
  test.each<[string[], string]>([
    [['plimsoll', 'run', 'dashboard', '--seed', '7'], 'plimsoll run dashboard --seed 7'],
    [['quick', '-H', 'Authorization: Bearer abc'], "quick -H 'Authorization: ***'"],
    [['quick', '-H', 'authorization:Basic abc'], "quick -H 'authorization: ***'"],
    [['quick', '-HCookie: sid=abc'], "quick '-HCookie: ***'"],
    [['quick', '--header=X-Api-Key: abc'], "quick '--header=X-Api-Key: ***'"],
    [['quick', '-H', 'X-Auth-Token: abc\nabc'], "quick -H 'X-Auth-Token: ***'"],
    [['quick', '-H', 'Accept: text/html'], "quick -H 'Accept: text/html'"],
    [['quick', '--body', '{"password":"abc"}', '-n', '1'], "quick --body '***' -n 1"],
    [['quick', '--body=abc'], "quick '--body=***'"],
    [['quick', 'http://me:abc@127.0.0.1/x'], "quick 'http://***@127.0.0.1/x'"],
    [['quick', 'http://me:a@b:c@host/x?y=1'], "quick 'http://***@host/x?y=1'"],
    [['quick', 'me:abc@host/x'], "quick 'http://***@host/x'".replace('http://', '')],
    [['run', '--target=http://me:abc@host'], "run '--target=http://***@host'"],
    [['quick', 'http://h/?access_token=abc&page=2'], "quick 'http://h/?access_token=***&page=2'"],
    [['quick', "http://h/it's"], `quick 'http://h/it'\\''s'`],
  ])('%j → %s', (words, stored) => {
    expect(redactCommand(words)).toBe(stored);
  });

  test('what looks like a path, a time or a test name stays', () => {
    const words = ['run', 'tests/a.load.ts', '--duration', '1m30s', '--allow', 'host:8080', 'mail@example.org'];
    expect(redactCommand(words)).toBe(words.join(' '));
  });
});

test('addresses in a sentence lose their password, and nothing else', () => {
  expect(redactText('GET https://u:p@a.example/x and http://b.example/y@z failed')).toBe(
    'GET https://***@a.example/x and http://b.example/y@z failed',
  );
});

test('no password of a URL gets through, and a second pass changes nothing', () => {
  const secret = fc.stringMatching(/^[a-z0-9:@!$*]{8,20}$/).map((text) => `zq${text}zq`);
  fc.assert(
    fc.property(secret, (password) => {
      const stored = redactCommand(['quick', `https://user:${password}@host/path`]);
      expect(stored).not.toContain(password);
      expect(redactText(stored)).toBe(stored);
    }),
  );
});
