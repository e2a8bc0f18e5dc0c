/** What the WebSockets and event streams of one worker did since the last snapshot. Hot path: counters alone. */
import { Histogram } from '../../stats/histogram.ts';
import type { SocketsDelta } from '../../stats/snapshot.ts';

export class SocketRecord {
  opened = 0;
  refused = 0;
  /** Those of `opened` that are event streams. */
  streams = 0;
  /** Open now; not forgotten with a snapshot. */
  open = 0;
  messagesIn = 0;
  messagesOut = 0;
  /** Those of `messagesIn` that a `next` or a handler had. */
  taken = 0;
  bytesIn = 0;
  bytesOut = 0;
  /** Of those opened: from due to open. */
  readonly connect = new Histogram();
  readonly #closed = new Map<number, number>();
  #isUsed = false;
  #hasStreams = false;

  /** From the first attempt on every snapshot tells of sockets. */
  use(): void {
    this.#isUsed = true;
  }

  useStreams(): void {
    this.#isUsed = true;
    this.#hasStreams = true;
  }

  countClose(code: number): void {
    this.#closed.set(code, (this.#closed.get(code) ?? 0) + 1);
  }

  /** undefined where the test has none. */
  take(): SocketsDelta | undefined {
    if (!this.#isUsed) return undefined;
    const { opened, refused, open, messagesIn, messagesOut, taken, bytesIn, bytesOut } = this;
    const streams = this.#hasStreams ? { eventStreams: this.streams } : {};
    const closed = Object.fromEntries(this.#closed);
    const connect = this.connect.takeDelta();
    this.opened = this.refused = this.streams = this.messagesIn = this.messagesOut = this.taken = 0;
    this.bytesIn = this.bytesOut = 0;
    this.#closed.clear();
    return { opened, refused, open, messagesIn, messagesOut, taken, bytesIn, bytesOut, closed, connect, ...streams };
  }
}
