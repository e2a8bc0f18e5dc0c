/** Messages that were compressed on their way: what of them was on the wire, and what they are without it. */

export interface CompressedMessages {
  readonly messagesIn: number;
  /** On the wire, without the heads of frames. */
  readonly bytesIn: number;
  /** Of the messages themselves. */
  readonly inflatedBytesIn: number;
  readonly messagesOut: number;
  readonly bytesOut: number;
  readonly inflatedBytesOut: number;
}

export function bothCompressed(one: CompressedMessages, other: CompressedMessages): CompressedMessages {
  return {
    messagesIn: one.messagesIn + other.messagesIn,
    bytesIn: one.bytesIn + other.bytesIn,
    inflatedBytesIn: one.inflatedBytesIn + other.inflatedBytesIn,
    messagesOut: one.messagesOut + other.messagesOut,
    bytesOut: one.bytesOut + other.bytesOut,
    inflatedBytesOut: one.inflatedBytesOut + other.inflatedBytesOut,
  };
}
