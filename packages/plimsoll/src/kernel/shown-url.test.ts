import { expect, test } from 'vitest';
import { withoutSecrets, withoutUserInfo } from './shown-url.ts';

test.each([
  ['http://user:secret@host/x', 'http://host/x'],
  ['https://user@host:8443?a=1', 'https://host:8443?a=1'],
  ['wss://user:se@cr:et@host#part', 'wss://host#part'],
  ['HTTP://:secret@[::1]/x', 'HTTP://[::1]/x'],
  ['http://user:secret@host\\x@y', 'http://host\\x@y'],
  ['http://host/@me', 'http://host/@me'],
  ['http://host?to=http://a@b/', 'http://host?to=http://a@b/'],
  ['/users/@me', '/users/@me'],
  ['unix:/run/a@b.sock:/x', 'unix:/run/a@b.sock:/x'],
])('%s is shown as %s', (url, shown) => {
  expect(withoutUserInfo(url)).toBe(shown);
});

test.each([
  ['http://user:se/c@ret@host x/', 'http://…@host x/'],
  ['http:///user:secret@host', 'http:///…@host'],
  ['http:\\\\user:secret@host', 'http:\\\\…@host'],
  ['user:sec\nret@host/x', 'user:…@host/x'],
  ['//user:sec/ret@host:3128', '//…@host:3128'],
  [' //user:secret@host', '…@host'],
  ['CORP\\user:secret@proxy:8080', '…@proxy:8080'],
  ['http//user:secret@host', '…@host'],
  ['http;//user:secret@host', '…@host'],
  ['/user:secret@host', '…@host'],
  ['token@host:3128', '…@host:3128'],
  ['/users/@me', '/users/@me'],
  ['http://a b/', 'http://a b/'],
])('%j, which is no URL, is shown as %j', (text, shown) => {
  expect(withoutSecrets(text)).toBe(shown);
});
