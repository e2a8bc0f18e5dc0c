/** Publishes one message: which room and number it has, when it was due, and whether the test's own code got it out. */
import type { PublishContext } from '../../../model/fan-out.ts';
import type { TestContext } from '../../../model/suite.ts';
import { writeStamp } from '../../../stats/delivery/message-record.ts';
import { SocketFault } from '../ws/socket-fault.ts';
import { ownKey } from './delivery-recorder.ts';
import type { FanOutField } from './field.ts';
import { roleContext } from './role-context.ts';

export async function publishOne(field: FanOutField, context: TestContext): Promise<void> {
  const { plan, roles, clock, deliveries } = field;
  const publisher = context.vu.id;
  const room = context.iteration.index % plan.rooms;
  const sequence = nextSequence(field, room, publisher);
  const stamp = writeStamp(field.nonce, { room, publisher, sequence });
  const socket = field.publisherSockets.get(publisher);
  const message = { room, publisher, sequence, dueMs: context.iteration.dueMs, sentMs: clock.now() };
  try {
    if (plan.publishersConnect && socket === undefined) {
      throw new SocketFault('closed', `the connection of publisher ${publisher} was not open when its message was due`);
    }
    const given = { room, publisher, stamp, socket } as Pick<
      PublishContext<unknown, never>,
      'room' | 'publisher' | 'stamp' | 'socket'
    >;
    const answer = await roles.publish!(roleContext(context, given));
    const isOwn = typeof answer === 'string' || typeof answer === 'number';
    deliveries.published({ ...message, key: isOwn ? ownKey(answer) : stamp, ok: answer !== false });
  } catch (error) {
    deliveries.published({ ...message, key: stamp, ok: false });
    throw error;
  }
}

/** Opens the publisher's connection and holds it to the end of the test. Errors: what the role throws. */
export async function holdPublisherSocket(field: FanOutField, context: TestContext): Promise<void> {
  const connection = await field.roles.connectPublisher!(roleContext(context, {}));
  if (connection.ok) field.publisherSockets.set(context.vu.id, connection);
}

function nextSequence({ sequences }: FanOutField, room: number, publisher: number): number {
  const key = `${room}/${publisher}`;
  const sequence = sequences.get(key) ?? 0;
  sequences.set(key, sequence + 1);
  return sequence;
}
