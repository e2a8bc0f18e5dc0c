/** What the WebSockets and event streams of a test did, over all workers and seconds, the warm-up included: they are opened in it. */
import { bothCompressed, type CompressedMessages } from './compressed-messages.ts';
import { Histogram } from './histogram.ts';
import type { Snapshot, SocketsDelta } from './snapshot.ts';
import { byPhase, socketPhases } from './socket-phases.ts';

export class SocketTotals {
  attempts = 0;
  opened = 0;
  /** undefined where the test asked for none. */
  eventStreams: number | undefined = undefined;
  refused = 0;
  unanswered = 0;
  readonly refusedIn = { dns: 0, tcp: 0, tls: 0, upgrade: 0, namespace: 0 };
  readonly refusedStatus = new Map<string, number>();
  retryAfterMaxSeconds: number | null = null;
  messagesIn = 0;
  messagesOut = 0;
  taken = 0;
  bytesIn = 0;
  bytesOut = 0;
  /** undefined where no message was. */
  compressed: CompressedMessages | undefined = undefined;
  /** undefined where no message was sent. */
  bufferedBytesMax: number | undefined = undefined;
  readonly connect = new Histogram();
  readonly phases = byPhase(() => new Histogram());
  readonly closed = new Map<string, number>();
  readonly #openByWorker = new Map<number, number>();

  add({ worker, sockets }: Snapshot & { readonly sockets: SocketsDelta }): void {
    this.attempts += sockets.attempts;
    this.opened += sockets.opened;
    if (sockets.eventStreams !== undefined) this.eventStreams = (this.eventStreams ?? 0) + sockets.eventStreams;
    this.#addRefused(sockets);
    this.messagesIn += sockets.messagesIn;
    this.messagesOut += sockets.messagesOut;
    this.taken += sockets.taken;
    this.connect.add(sockets.connect);
    this.bytesIn += sockets.bytesIn;
    this.bytesOut += sockets.bytesOut;
    this.#addCompressed(sockets);
    this.#addBuffered(sockets);
    for (const phase of socketPhases) this.phases[phase].add(sockets.phases[phase]);
    addCounts(this.closed, sockets.closed);
    this.#openByWorker.set(worker, sockets.open);
  }

  #addCompressed({ compressed }: SocketsDelta): void {
    if (compressed === undefined) return;
    this.compressed = this.compressed === undefined ? compressed : bothCompressed(this.compressed, compressed);
  }

  #addBuffered({ bufferedBytesMax }: SocketsDelta): void {
    if (bufferedBytesMax !== undefined) this.bufferedBytesMax = Math.max(this.bufferedBytesMax ?? 0, bufferedBytesMax);
  }

  #addRefused({ refused, unanswered, refusedIn, refusedStatus, retryAfterMaxSeconds }: SocketsDelta): void {
    this.refused += refused;
    this.unanswered += unanswered;
    for (const phase of socketPhases) this.refusedIn[phase] += refusedIn[phase];
    addCounts(this.refusedStatus, refusedStatus);
    if (retryAfterMaxSeconds !== null) {
      this.retryAfterMaxSeconds = Math.max(this.retryAfterMaxSeconds ?? 0, retryAfterMaxSeconds);
    }
  }

  /**
   * Of the attempts, those that say whether a connection could be made: one that was cut off or left soon after it had begun
   * may have been on its way, and one that was answered with 204 was to make none.
   */
  get judged(): number {
    return this.opened + this.refused + this.unanswered;
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

function addCounts(into: Map<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [key, count] of Object.entries(counts)) into.set(key, (into.get(key) ?? 0) + count);
}
