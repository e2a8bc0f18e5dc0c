import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../kernel/virtual-clock.ts';
import type { Received } from '../../../model/fan-out.ts';
import { DeliveryRecorder } from './delivery-recorder.ts';

test('a connection that goes is told of each room, and where there is none of itself', () => {
  const recorder = new DeliveryRecorder(new VirtualClock());
  recorder.change(1, [4, 5], 'cut');
  for (const change of ['joined', 'cut', 'lost', 'left'] as const) recorder.change(2, [], change);
  const { memberships, returns } = recorder.take(0);
  expect(memberships).toMatchObject([4, 5].map((room) => ({ subscriber: 1, room, change: 'cut' })));
  expect(returns).toMatchObject([1, 2, 2].map((subscriber) => ({ subscriber, what: 'gone' })));
});

test('a publishing that goes on is told once, and one that has ended by then is not', () => {
  const recorder = new DeliveryRecorder(new VirtualClock());
  const beginning = (sequence: number) => {
    return { key: `run.0.0.${sequence}`, room: 0, publisher: 0, sequence, dueMs: 5, sentMs: 6 };
  };
  const [slow, quick] = [beginning(0), beginning(1)];
  recorder.publishing(slow);
  recorder.publishing(quick);
  recorder.published({ ...quick, ok: true });
  expect(recorder.take(0)).toMatchObject({ begun: [slow], published: [{ ...quick, ok: true }] });
  expect(recorder.take(0)).toMatchObject({ begun: [], published: [] });
  recorder.published({ ...slow, ok: false });
  expect(recorder.take(0)).toMatchObject({ begun: [], published: [{ ...slow, ok: false }] });
});

describe('what receive gives back', () => {
  test('stamp, id and event of others are in the books; nothing is not', () => {
    const recorder = new DeliveryRecorder(new VirtualClock());
    const given: Received[] = ['run.0.0.1', { id: 7 }, { id: 'a' }, undefined, null];
    for (const received of given) recorder.received(3, received, 10);
    recorder.received(3, { room: 0, source: 'job', sequence: 4 }, 10);
    expect(recorder.take(0)).toMatchObject({
      keys: ['run.0.0.1', '#7', '#a'],
      foreign: [{ subscriber: 3, room: 0, source: 'job', sequence: 4, atMs: 10 }],
      heard: 4,
    });
  });

  test('a room that is none of the test is not refused: that it came is a leak', () => {
    const recorder = new DeliveryRecorder(new VirtualClock());
    recorder.received(3, { room: -1, source: 'job', sequence: 4 }, 10);
    expect(recorder.take(0)).toMatchObject({ foreign: [{ room: -1 }], heard: 1 });
  });

  test.each([
    [42, 'a number'],
    [43, 'a number'],
    [true, 'a boolean'],
    [Promise.resolve('stamp'), 'a promise'],
    [{}, 'an object without id and without source'],
    [{ id: undefined }, 'an id that is no text and no number'],
    [{ room: 0, source: 7, sequence: 0 }, 'a source that is no text'],
    [{ room: 1.5, source: 'job', sequence: 0 }, 'a room that is no whole number'],
    [{ room: '0', source: 'job', sequence: 0 }, 'a room that is no whole number'],
    [{ room: 0, source: 'job', sequence: '8' }, 'a sequence that is no whole number'],
    [{ room: 0, source: 'job' }, 'a sequence that is no whole number'],
  ])('%j is refused in one sentence, and is in no book', (received, what) => {
    const recorder = new DeliveryRecorder(new VirtualClock());
    expect(() => {
      recorder.received(3, received as unknown as Received, 10);
    }).toThrow(`receive gave back ${what}; expected a stamp, { id }, { room, source, sequence }, or undefined`);
    expect(recorder.take(0)).toMatchObject({ keys: [], foreign: [], heard: 0 });
  });
});
