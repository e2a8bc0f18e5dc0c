/** What compression did to the messages of all connections that are given the same counts. Counters alone. */
export class DeflateCounts {
  messagesIn = 0;
  /** On the wire, without the heads of frames. */
  bytesIn = 0;
  /** Of the messages themselves. */
  inflatedBytesIn = 0;
  messagesOut = 0;
  bytesOut = 0;
  inflatedBytesOut = 0;

  countIn(bytes: number, inflatedBytes: number): void {
    this.messagesIn++;
    this.bytesIn += bytes;
    this.inflatedBytesIn += inflatedBytes;
  }

  countOut(bytes: number, inflatedBytes: number): void {
    this.messagesOut++;
    this.bytesOut += bytes;
    this.inflatedBytesOut += inflatedBytes;
  }

  reset(): void {
    this.messagesIn = this.bytesIn = this.inflatedBytesIn = 0;
    this.messagesOut = this.bytesOut = this.inflatedBytesOut = 0;
  }
}
