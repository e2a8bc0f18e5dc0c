import { fc, test as property } from '@fast-check/vitest';
import { decodePayload, encodePayload } from 'engine.io-parser';
import { describe, expect, test } from 'vitest';
import { engineSessionOf, joinPayload, payloadBytes, splitPayload } from './polling-payload.ts';

test('packets of one body, by hand (engine.io-protocol 4)', () => {
  expect(joinPayload(['4hello', '2', Uint8Array.of(1, 2, 3, 4), '4€'])).toBe('4hello\x1e2\x1ebAQIDBA==\x1e4€');
  expect(splitPayload('4hello\x1e2\x1ebAQIDBA==\x1e4€')).toEqual(['4hello', '2', 'bAQIDBA==', '4€']);
  expect(splitPayload('6')).toEqual(['6']);
});

const texts = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\x1e', ''));
const packets = fc.array(fc.oneof(texts, fc.uint8Array({ maxLength: 50 })), { minLength: 1, maxLength: 6 });

property.prop([packets])('the official parser writes the same body, and reads it', (messages) => {
  const ours = joinPayload(messages.map((message) => (typeof message === 'string' ? `4${message}` : message)));
  let official = '';
  // It encodes bytes as base64 where they are a Buffer.
  const data = messages.map((message): string | Buffer =>
    typeof message === 'string' ? message : Buffer.from(message),
  );
  encodePayload(
    data.map((each) => ({ type: 'message' as const, data: each })),
    (encoded) => (official = encoded),
  );
  expect(ours).toBe(official);
  expect(decodePayload(ours, 'nodebuffer').map((packet): unknown => (packet as { data?: unknown }).data ?? '')).toEqual(
    data,
  );
});

property.prop([packets])('their size is known beforehand, with a separator more', (messages) => {
  const bytes = messages.reduce((sum: number, message) => sum + payloadBytes(message), 0);
  expect(bytes).toBe(Buffer.byteLength(joinPayload(messages)) + 1);
});

describe('the handshake', () => {
  test('as a server writes it', () => {
    const text =
      '0{"sid":"abc","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}';
    const session = { sid: 'abc', upgrades: ['websocket'], heartbeatMs: 45_000, maxPayloadBytes: 1_000_000 };
    expect(engineSessionOf(text)).toEqual(session);
  });

  test('without what may be left out', () => {
    const session = { sid: 'a', upgrades: [], heartbeatMs: 3, maxPayloadBytes: Infinity };
    expect(engineSessionOf('0{"sid":"a","pingInterval":1,"pingTimeout":2}')).toEqual(session);
  });

  test.each(['', 'ok', '0', '0null', '0[]', '0{"sid":7}', '0{"sid":"a"}', '4{"sid":"a"}'])('%j is none', (text) => {
    expect(engineSessionOf(text)).toBeUndefined();
  });
});
