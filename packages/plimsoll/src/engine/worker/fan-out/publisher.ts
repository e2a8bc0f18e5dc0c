/** Publishes one message: which room and number it has, when it was due, and whether the test's own code got it out. */
import type { AnyConnection, PublishContext } from '../../../model/fan-out.ts';
import type { TestContext } from '../../../model/suite.ts';
import { writeStamp } from '../../../stats/delivery/message-record.ts';
import { SocketFault } from '../sockets/socket-fault.ts';
import { ownKey } from './delivery-recorder.ts';
import type { FanOutField } from './field.ts';
import { isRefusal } from './refusal.ts';
import { roleContext } from './role-context.ts';

export async function publishOne(field: FanOutField, context: TestContext): Promise<void> {
  const { plan, roles, clock, deliveries } = field;
  const publisher = context.vu.id;
  const room = context.iteration.index % plan.rooms;
  const sequence = nextSequence(field, room, publisher);
  const stamp = writeStamp(field.nonce, { room, publisher, sequence });
  const message = { key: stamp, room, publisher, sequence, dueMs: context.iteration.dueMs };
  let sentMs = clock.now();
  try {
    const socket = plan.publishersConnect ? await openSocket(field, publisher) : undefined;
    sentMs = clock.now();
    deliveries.publishing({ ...message, sentMs });
    const given = { room, publisher, stamp, socket } as Pick<
      PublishContext<unknown, never>,
      'room' | 'publisher' | 'stamp' | 'socket'
    >;
    const answer = await roles.publish!(roleContext(context, given));
    const isId = typeof answer === 'string' || typeof answer === 'number';
    const own = isId ? { ownKey: ownKey(answer) } : {};
    deliveries.published({ ...message, sentMs, ...own, ok: !isRefusal(answer) });
  } catch (error) {
    deliveries.published({ ...message, sentMs, ok: false });
    throw error;
  }
}

/** Opens the publisher's connection, which lives to the end of the test. Errors: what the role throws. */
export async function holdPublisherSocket(field: FanOutField, context: TestContext): Promise<void> {
  const connecting = field.roles.connectPublisher!(roleContext(context, {}));
  field.publisherSockets.set(context.vu.id, connecting);
  await connecting;
}

/** A message that is due before waits for it, and is late by that. Errors: SocketFault. */
async function openSocket({ publisherSockets }: FanOutField, publisher: number): Promise<AnyConnection> {
  const socket = await publisherSockets.get(publisher);
  if (socket?.isOpen === true) return socket;
  const why = socket?.error === undefined ? '' : `: ${socket.error.message}`;
  throw new SocketFault('closed', `publisher ${publisher} has no open connection${why}`);
}

function nextSequence({ sequences }: FanOutField, room: number, publisher: number): number {
  const key = `${room}/${publisher}`;
  const sequence = sequences.get(key) ?? 0;
  sequences.set(key, sequence + 1);
  return sequence;
}
