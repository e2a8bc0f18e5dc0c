/** What the WebSockets and event streams of a test did, over all workers and seconds, the warm-up included: they are opened in it. */
import { Histogram } from './histogram.ts';
import type { Snapshot, SocketsDelta } from './snapshot.ts';

export class SocketTotals {
  opened = 0;
  /** undefined where the test asked for none. */
  eventStreams: number | undefined = undefined;
  refused = 0;
  messagesIn = 0;
  messagesOut = 0;
  taken = 0;
  bytesIn = 0;
  bytesOut = 0;
  readonly connect = new Histogram();
  readonly closed = new Map<string, number>();
  readonly #openByWorker = new Map<number, number>();

  add({ worker, sockets }: Snapshot & { readonly sockets: SocketsDelta }): void {
    this.opened += sockets.opened;
    if (sockets.eventStreams !== undefined) this.eventStreams = (this.eventStreams ?? 0) + sockets.eventStreams;
    this.refused += sockets.refused;
    this.messagesIn += sockets.messagesIn;
    this.messagesOut += sockets.messagesOut;
    this.taken += sockets.taken;
    this.connect.add(sockets.connect);
    this.bytesIn += sockets.bytesIn;
    this.bytesOut += sockets.bytesOut;
    for (const [code, count] of Object.entries(sockets.closed)) {
      this.closed.set(code, (this.closed.get(code) ?? 0) + count);
    }
    this.#openByWorker.set(worker, sockets.open);
  }

  /** Messages that arrived and that the test has not had. */
  get unclaimed(): number {
    return this.messagesIn - this.taken;
  }

  /** As each worker last said. */
  get open(): number {
    return [...this.#openByWorker.values()].reduce((sum, open) => sum + open, 0);
  }
}
