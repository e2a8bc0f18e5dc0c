import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { TestFileError } from '../../kernel/errors.ts';
import { encodeBody, noBody, wireChunks } from './body.ts';
import type { BodyOptions, BodyStream } from './body.ts';
import { encodeMultipart } from './multipart.ts';

const half = () => 0.5;

describe('encodeBody', () => {
  test.each<[BodyOptions, string | undefined, unknown, number]>([
    [{ json: { a: 'ä' } }, 'application/json', '{"a":"ä"}', 10],
    [{ json: null }, 'application/json', 'null', 4],
    [{ json: 0 }, 'application/json', '0', 1],
    [{ form: { 'a b': 'ä&=', n: 1, t: true } }, 'application/x-www-form-urlencoded', 'a+b=%C3%A4%26%3D&n=1&t=true', 27],
    [{ body: '€' }, undefined, '€', 3],
    [{ body: '' }, undefined, '', 0],
    [{ body: Uint8Array.of(1, 2) }, undefined, Uint8Array.of(1, 2), 2],
  ])('%j', (options, contentType, payload, byteLength) => {
    expect(encodeBody(options, half)).toEqual({ contentType, payload, byteLength });
  });

  test('nothing given is no body', () => {
    expect(encodeBody({}, half)).toBe(noBody);
  });

  test('a stream has no length unless declared', () => {
    const body = [Uint8Array.of(1)];
    expect(encodeBody({ body }, half)).toEqual({ contentType: undefined, payload: body, byteLength: -1 });
    expect(encodeBody({ body }, half, '17').byteLength).toBe(17);
  });

  test('a declared length that is not true is refused', () => {
    expect(encodeBody({ body: 'four' }, half, '4').byteLength).toBe(4);
    expect(() => encodeBody({ body: 'four' }, half, '5')).toThrow('the content-length is 5, but the body has 4 bytes');
    expect(() => encodeBody({ body: 'four' }, half, '4, 4')).toThrow(TestFileError);
    expect(() => encodeBody({ body: 'four' }, half, '-4')).toThrow(TestFileError);
  });

  test('two bodies are refused', () => {
    expect(() => encodeBody({ body: 'a', json: {} }, half)).toThrow('a request has one body');
    expect(() => encodeBody({ form: {}, multipart: [] }, half)).toThrow('a request has one body');
  });

  test('what JSON cannot say is refused', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    expect(() => encodeBody({ json: circle }, half)).toThrow(/cannot be written as JSON/);
    expect(() => encodeBody({ json: 1n }, half)).toThrow(TestFileError);
    expect(() => encodeBody({ json: () => 1 }, half)).toThrow(/is a function/);
    expect(() => encodeBody({ body: 5 as never }, half)).toThrow(/a body of type number/);
  });
});

async function collect(stream: BodyStream, byteLength: number): Promise<string> {
  const pieces = [];
  for await (const bytes of wireChunks(stream, byteLength)) pieces.push(bytes);
  return Buffer.concat(pieces).toString('utf8');
}

async function* later(...pieces: (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  yield* pieces;
}

describe('streams on the wire', () => {
  test('chunked: sizes in bytes, empty pieces left out, an end', async () => {
    expect(await collect(later('hä', '', Buffer.from('x'.repeat(16))), -1)).toBe(
      `3\r\nhä\r\n10\r\n${'x'.repeat(16)}\r\n0\r\n\r\n`,
    );
    expect(await collect([], -1)).toBe('0\r\n\r\n');
  });

  test('with a length: as it is, and neither more nor less', async () => {
    expect(await collect(later('ab', 'cd'), 4)).toBe('abcd');
    await expect(collect(later('ab', 'cd'), 3)).rejects.toThrow(
      'the content-length is 3, but the streamed body has at least 4 bytes',
    );
    await expect(collect(later('ab'), 3)).rejects.toThrow('the content-length is 3, but the streamed body has 2 bytes');
  });

  test('what is neither text nor bytes is refused', async () => {
    await expect(collect([5 as never], -1)).rejects.toThrow('a streamed body gave a piece of type number');
  });

  test('what the stream throws comes through', async () => {
    const broken = (async function* () {
      yield 'a';
      throw new Error('no more');
    })();
    await expect(collect(broken, -1)).rejects.toThrow('no more');
  });
});

async function describeFile(entry: unknown): Promise<string[]> {
  return entry instanceof File ? [entry.name, entry.type, await entry.text()] : [];
}

describe('multipart', () => {
  const parts = [
    { name: 'title', value: 'ä' },
    { name: 'na"me\r\n', value: Uint8Array.of(0x31), filename: 'f"\r\nx.txt' },
    { name: 'doc', value: '{}', filename: 'd.json', contentType: 'application/json' },
  ];

  test('is read back by the parser of fetch', async () => {
    const { contentType, payload } = encodeMultipart(parts, Math.random);
    const answer = new Response(Buffer.from(payload), { headers: { 'content-type': contentType } });
    // Deprecated for servers; as an oracle it will do.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    const form = await answer.formData();
    expect([...form.keys()]).toEqual(['title', 'na"me\r\n', 'doc']);
    expect(form.get('title')).toBe('ä');
    expect(await describeFile(form.get('na"me\r\n'))).toEqual(['f"\r\nx.txt', 'application/octet-stream', '1']);
    expect(await describeFile(form.get('doc'))).toEqual(['d.json', 'application/json', '{}']);
  });

  test('the same seed gives the same bytes', () => {
    expect(encodeMultipart(parts, half)).toEqual(encodeMultipart(parts, half));
    expect(encodeMultipart(parts, half).contentType).not.toBe(encodeMultipart(parts, () => 0).contentType);
    expect(encodeBody({ multipart: parts }, half).byteLength).toBe(encodeMultipart(parts, half).payload.byteLength);
  });

  test('a content type cannot add lines', () => {
    const evil = { name: 'a', value: 'b', contentType: 'text/plain\r\nx: y' };
    expect(() => encodeMultipart([evil], half)).toThrow(TestFileError);
  });

  property.prop([fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })])(
    'names never end their line or their quotes',
    (name, filename) => {
      const { payload } = encodeMultipart([{ name, value: '', filename }], half);
      const lines = Buffer.from(payload).toString('utf8').split('\r\n');
      expect(lines).toHaveLength(7);
      expect(lines[1]).toMatch(/^content-disposition: form-data; name="[^"\r\n]*"; filename="[^"\r\n]*"$/);
    },
  );
});
