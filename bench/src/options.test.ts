import { expect, test } from 'vitest';
import { parseOptions } from './options.ts';

const catalogue = { http: ['quick', 'scripted', 'memory'], sockets: ['socket-cost', 'fan-out'] };

test('only what is measured completely, at the standard size, may be written', () => {
  const publishes = (...words: string[]) => parseOptions(words, catalogue).publishes;
  expect(parseOptions([], catalogue)).toMatchObject({ wanted: catalogue, seconds: 10, repeats: 5, sockets: 10_000 });
  expect(publishes()).toEqual(['http', 'sockets']);
  expect(publishes('--artillery', 'there')).toEqual(['http', 'sockets']);
  expect(publishes('--seconds', '3')).toEqual([]);
  expect(publishes('--repeats', '3')).toEqual([]);
  expect(publishes('--sockets', '200')).toEqual(['http']);
  expect(publishes('--only', 'quick')).toEqual([]);
});

test('a part can be had alone, and is then written alone', () => {
  expect(parseOptions(['--only', 'sockets'], catalogue)).toMatchObject({
    wanted: { http: [], sockets: ['socket-cost', 'fan-out'] },
    publishes: ['sockets'],
  });
  expect(parseOptions(['--only', 'http'], catalogue).publishes).toEqual(['http']);
  expect(parseOptions(['--only', 'http,fan-out'], catalogue)).toMatchObject({
    wanted: { http: catalogue.http, sockets: ['fan-out'] },
    publishes: ['http'],
  });
  expect(parseOptions(['--only', 'sockets', '--sockets', '200'], catalogue).publishes).toEqual([]);
});

test('an unknown name, an unknown flag and no number are refused', () => {
  expect(() => parseOptions(['--only', 'quick,quik'], catalogue)).toThrow("'quik'");
  expect(() => parseOptions(['--second', '3'], catalogue)).toThrow('--second');
  expect(() => parseOptions(['--seconds', '0'], catalogue)).toThrow("--seconds is '0'");
  expect(() => parseOptions(['--sockets', 'many'], catalogue)).toThrow("--sockets is 'many'");
});
