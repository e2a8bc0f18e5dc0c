import { fc, test as property } from '@fast-check/vitest';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadParsers, SocketIoCodec, type Parsers } from './socket-io-codec.ts';

let parsers: Parsers;
beforeAll(async () => {
  parsers = await loadParsers();
});
const codec = (namespace = '/'): SocketIoCodec => new SocketIoCodec(parsers, namespace);

describe('what a server says (engine.io-protocol 4, socket.io-protocol 5)', () => {
  test.each([
    [
      '0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}',
      { type: 'open', pingIntervalMs: 25_000, pingTimeoutMs: 20_000 },
    ],
    ['2', { type: 'ping' }],
    ['1', { type: 'closed' }],
    ['6', undefined],
    ['40{"sid":"abc"}', { type: 'connected', id: 'abc' }],
    ['44{"message":"no","data":{"code":7}}', { type: 'refused', message: 'no', data: { code: 7 } }],
    ['41', { type: 'disconnected' }],
    ['42["news",1,{"a":[]}]', { type: 'event', name: 'news', args: [1, { a: [] }], ackId: undefined }],
    ['4212["news"]', { type: 'event', name: 'news', args: [], ackId: 12 }],
    ['435["done",null]', { type: 'ack', id: 5, args: ['done', null] }],
    // Of a namespace that nobody here has asked for.
    ['42/other,["news"]', undefined],
  ])('%s', (text, incoming) => {
    expect(codec().read(text)).toEqual(incoming);
  });

  test('a binary event comes in pieces, and is whole with the last', () => {
    const own = codec('/admin');
    expect(own.read('452-/admin,["file",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]')).toBeUndefined();
    expect(own.read(Uint8Array.of(1, 2))).toBeUndefined();
    expect(own.read(Uint8Array.of(3))).toEqual({
      type: 'event',
      name: 'file',
      args: [Buffer.of(1, 2), Buffer.of(3)],
      ackId: undefined,
    });
  });

  test.each(['', '9', '0{}', '0x', '4', '42', '42{"a":1}', '42[]', '451-["x"', '4x'])(
    'rubbish is refused: %j',
    (text) => {
      expect(() => codec().read(text)).toThrow();
    },
  );

  property.prop(
    [
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `4${text}`),
        fc.uint8Array(),
      ),
    ],
    { numRuns: 2000 },
  )('whatever comes is understood, passed over or refused', (data) => {
    try {
      codec().read(data);
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
    }
  });
});

describe('what we say', () => {
  test('the namespace with who asks, and its end', () => {
    expect(codec().connect({ token: 'x' })).toEqual(['40{"token":"x"}']);
    expect(codec('/admin').connect(undefined)).toEqual(['40/admin,']);
    expect(codec('/admin').disconnect()).toEqual(['41/admin,']);
  });

  property.prop([fc.string({ minLength: 1 }), fc.array(fc.jsonValue()), fc.option(fc.nat(), { nil: undefined })])(
    'an event is read as it was written',
    (name, args, ackId) => {
      // These names are the protocol's own.
      fc.pre(
        !['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener'].includes(name),
      );
      const [text, ...more] = codec('/n').event(name, args, ackId);
      expect(more).toEqual([]);
      const plain = JSON.parse(JSON.stringify(args)) as unknown[];
      expect(codec('/n').read(text!)).toEqual({ type: 'event', name, args: plain, ackId });
    },
  );
});
