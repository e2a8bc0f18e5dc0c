/** What the compiler refuses and JavaScript lets through, told where the test asks. Errors of all: TestFileError. */
import { TestFileError } from '../../../kernel/errors.ts';
import { nearest } from '../../../kernel/nearest.ts';
import { shown } from '../../../kernel/shown.ts';
import { assertKnownOptions, assertSwitch, type KnownOptions } from '../../known-options.ts';

/** The options of `ws.connect`, `io.connect` and `sse.connect`. */
export function assertConnectOptions(kind: 'ws' | 'io' | 'sse', options: object): void {
  const of = `${kind}.connect`;
  assertKnownOptions(of, kind, options);
  const { compress, reconnect, protocols, basic, maxMessageBytes, maxEventBytes } = options as Readonly<
    Record<string, unknown>
  >;
  if (basic !== undefined) assertKnownOptions(`basic of ${of}`, 'basic', basic);
  assertSwitch(`compress of ${of}`, 'compress', compress);
  const reconnects: Readonly<Record<string, KnownOptions>> = { io: 'ioReconnect', sse: 'sseReconnect' };
  if (kind !== 'ws') assertSwitch(`reconnect of ${of}`, reconnects[kind]!, reconnect);
  assertBytes(`maxMessageBytes of ${of}`, maxMessageBytes);
  assertBytes(`maxEventBytes of ${of}`, maxEventBytes);
  if (protocols === undefined || (Array.isArray(protocols) && protocols.every((each) => typeof each === 'string'))) {
    return;
  }
  const hint = typeof protocols === 'string' ? { hint: `write protocols: ['${protocols}']` } : {};
  throw new TestFileError(`protocols of ${of} is ${shown(protocols)}, expected a list of texts`, hint);
}

function assertBytes(what: string, value: unknown): void {
  if (value === undefined || (Number.isSafeInteger(value) && (value as number) >= 1)) return;
  throw new TestFileError(`${what} is ${shown(value)}, expected a whole number from 1`, { hint: 'give it in bytes' });
}

/** @param what 'the path of ws.connect' */
export function assertText(what: string, value: unknown, hint?: string): void {
  if (typeof value === 'string') return;
  throw new TestFileError(`${what} is ${shown(value)}, expected a text`, hint === undefined ? {} : { hint });
}

export function assertFunction(what: string, value: unknown, hint?: string): void {
  if (typeof value === 'function') return;
  throw new TestFileError(`${what} is ${shown(value)}, expected a function`, hint === undefined ? {} : { hint });
}

export function assertEvent(event: unknown, events: readonly string[]): void {
  if (typeof event === 'string' && events.includes(event)) return;
  const meant = typeof event === 'string' ? nearest(event, events) : undefined;
  throw new TestFileError(`a WebSocket has no event ${shown(event)}`, {
    hint: meant === undefined ? `there are ${events.join(' and ')}` : `did you mean '${meant}'?`,
  });
}

/** What a WebSocket can send. Hot path. */
export function assertSendable(data: unknown): void {
  if (typeof data === 'string' || data instanceof Uint8Array) return;
  const hint = typeof data === 'object' ? { hint: 'sendJson sends a value as JSON' } : {};
  throw new TestFileError(`send was given ${shown(data)}, expected a text or bytes`, hint);
}
