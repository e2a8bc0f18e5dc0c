import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { TestFileError } from '../../kernel/errors.ts';
import { appendQuery, encodePath, expandPath } from './path.ts';

describe('encodePath', () => {
  test.each([
    ['/plain/path?a=b&c=d', '/plain/path?a=b&c=d'],
    ['/ä b', '/%C3%A4%20b'],
    ['/%20already', '/%20already'],
    ['/😀', '/%F0%9F%98%80'],
    ['/a"<>\\^`{}b', '/a%22%3C%3E%5C%5E%60%7B%7Db'],
    ["/!$&'()*+,;=:@[]|~", "/!$&'()*+,;=:@[]|~"],
    ['/half\ud800', '/half%EF%BF%BD'],
  ])('%j → %s', (path, expected) => {
    expect(encodePath(path)).toBe(expected);
  });

  test.each(['/a\r\nx: y', '/a\nb', '/a\0', '/a\tb', '/a\x7f'])('%j is refused', (path) => {
    expect(() => encodePath(path)).toThrow(TestFileError);
  });

  property.prop([fc.string({ unit: 'binary' })])('gives visible ASCII or refuses', (text) => {
    let encoded = '';
    try {
      encoded = encodePath(`/${text}`);
    } catch (error) {
      expect(error).toBeInstanceOf(TestFileError);
      expect(text).toMatch(/[\x00-\x1f\x7f]/);
    }
    expect(encoded).toMatch(/^[\x21-\x7e]*$/);
  });
});

describe('expandPath', () => {
  test('encodes values so that they stay one segment', () => {
    expect(expandPath('/sessions/{id}/x/{n}', { id: 'a/b?c#d%', n: 7 })).toBe('/sessions/a%2Fb%3Fc%23d%25/x/7');
    expect(expandPath('/{a}/{a}', { a: 1 })).toBe('/1/1');
    expect(expandPath('/none', undefined)).toBe('/none');
  });

  property.prop([fc.string({ minLength: 1 })])('decoding gives the value back', (value) => {
    expect(decodeURIComponent(expandPath('/{v}', { v: value }).slice(1))).toBe(value);
  });

  test.each([
    ['/{id}', {}, "the path '/{id}' needs a value for {id}, got none"],
    ['/{id}', { id: '' }, 'got an empty text'],
    ['/{id}', { id: null as never }, 'got object'],
    ['/{id}', { id: 'a', uid: 'b' }, 'has no {uid}'],
    ['http://user:secret@app.test/{id}', {}, "the path 'http://app.test/{id}' needs a value for {id}"],
    ['http://user:secret@app.test/', { uid: 'b' }, "the path 'http://app.test/' has no {uid}"],
    ['/{toString}', {}, 'needs a value for {toString}'],
  ])('%s with %j is refused', (template, values, message) => {
    expect(() => expandPath(template, values)).toThrow(message);
  });
});

test.each([
  ['/a', { b: 1 }, '/a?b=1'],
  ['/a?x=1', { b: true, c: 'é &=' }, '/a?x=1&b=true&c=%C3%A9%20%26%3D'],
  ['/a?', { b: 1 }, '/a?b=1'],
  ['/a?x=1&', { b: 1 }, '/a?x=1&b=1'],
  ['/a#part', { b: 1 }, '/a?b=1'],
  ['/a', { b: [1, 'two'], c: undefined }, '/a?b=1&b=two'],
  ['/a', { b: [] }, '/a'],
  ['/a', undefined, '/a'],
])('%s with query %j → %s', (path, query, expected) => {
  expect(appendQuery(path, query)).toBe(expected);
});
