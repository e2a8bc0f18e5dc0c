/** What `receive` may say of a message. The sentence does not hold the value: a thousand different ones are one mistake. */
import { TestFileError } from '../../../kernel/errors.ts';
import type { Received } from '../../../model/fan-out.ts';

type Named = Exclude<Received, string | null | undefined>;

/** Errors: TestFileError. */
export function assertReceived(received: unknown): asserts received is Named {
  const wrong = wrongIn(received);
  if (wrong === undefined) return;
  throw new TestFileError(
    `receive gave back ${wrong}; expected a stamp, { id }, { room, source, sequence }, or undefined`,
  );
}

function wrongIn(received: unknown): string | undefined {
  if (typeof received !== 'object' || received === null) return `a ${typeof received}`;
  if (received instanceof Promise) return 'a promise';
  if ('id' in received) {
    const { id } = received;
    return typeof id === 'string' || (typeof id === 'number' && !Number.isNaN(id))
      ? undefined
      : 'an id that is no text and no number';
  }
  const { room, source, sequence } = received as Partial<Record<'room' | 'source' | 'sequence', unknown>>;
  if (source === undefined) return 'an object without id and without source';
  if (typeof source !== 'string') return 'a source that is no text';
  // A number that is no room of the test says so: nobody has asked for it, and the event is a leak.
  if (!Number.isSafeInteger(room)) return 'a room that is no whole number';
  return Number.isSafeInteger(sequence) ? undefined : 'a sequence that is no whole number';
}
