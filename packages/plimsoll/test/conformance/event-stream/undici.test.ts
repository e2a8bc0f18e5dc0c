/**
 * Our parser of event streams against that of undici 7, over the cases of the specification. Where the two differ, the
 * case's own expectation, which is the specification's, is ours.
 */
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { streamCases } from '../../../src/protocol/sse/event-stream-cases.fixture.ts';
import { EventStreamParser } from '../../../src/protocol/sse/event-stream-parser.ts';

interface Seen {
  readonly events: readonly (readonly [string, string, string])[];
  readonly lastEventId: string;
}

interface UndiciEvent {
  readonly type: string;
  readonly options: { readonly data: string; readonly lastEventId: string };
}

interface UndiciStream {
  write(bytes: Uint8Array): boolean;
  end(done: () => void): void;
}

type UndiciModule = Readonly<
  Record<
    'EventSourceStream',
    new (options: {
      readonly eventSourceSettings: { readonly lastEventId: string };
      readonly push: (event: UndiciEvent | null) => boolean;
    }) => UndiciStream
  >
>;

const { EventSourceStream } = createRequire(import.meta.url)(
  'undici/lib/web/eventsource/eventsource-stream.js',
) as UndiciModule;

/** By the name of the case: what undici does instead. */
const differences: Readonly<Record<string, string>> = {
  // 9.2.6: "Set the event type buffer to field value", whatever the value.
  'an empty one is message again': 'keeps the type set before',
};

async function byUndici(bytes: Uint8Array): Promise<Seen> {
  const events: [string, string, string][] = [];
  const settings = { lastEventId: '' };
  const push = (event: UndiciEvent | null): boolean => {
    if (event !== null) events.push([event.type, event.options.data, event.options.lastEventId]);
    return true;
  };
  const stream = new EventSourceStream({ eventSourceSettings: settings, push });
  for (const byte of bytes) stream.write(Uint8Array.of(byte));
  await new Promise<void>((resolve) => {
    stream.end(resolve);
  });
  return { events, lastEventId: settings.lastEventId };
}

function byUs(bytes: Uint8Array): Seen {
  const events: [string, string, string][] = [];
  const parser = new EventStreamParser({ event: (...event) => events.push(event) }, 1e6);
  parser.push(bytes, 0, bytes.length);
  return { events, lastEventId: parser.lastEventId };
}

test.each(streamCases.map((each) => [each.name, each.stream] as const))('%s', async (name, stream) => {
  const bytes = Buffer.from(stream);
  const [ours, theirs] = [byUs(bytes), await byUndici(bytes)];
  if (name in differences) expect(ours, 'no longer differs: strike it from the list').not.toEqual(theirs);
  else expect(ours).toEqual(theirs);
});

test('every difference that is listed is about a case', () => {
  const names = streamCases.map(({ name }) => name);
  expect(Object.keys(differences).filter((name) => !names.includes(name))).toEqual([]);
});
