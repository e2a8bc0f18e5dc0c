/** What the WebSockets and event streams of one worker did since the last snapshot. Hot path: counters alone. */
import type { Clock } from '../../kernel/clock.ts';
import { DeflateCounts } from '../../protocol/websocket/deflate-counts.ts';
import { Histogram } from '../../stats/histogram.ts';
import type { SocketsDelta } from '../../stats/snapshot.ts';
import { byPhase, type SocketPhase } from '../../stats/socket-phases.ts';

interface Buffering {
  readonly bufferedBytes: number;
}

export class SocketRecord {
  attempts = 0;
  opened = 0;
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
  /** Every WebSocket that is open counts into it what compression does. */
  readonly deflate = new DeflateCounts();
  #bufferedBytesMax: number | undefined;
  /** The test has sent on them in this turn, and the system has not taken all of it at once. */
  readonly #unsent = new Set<Buffering>();
  /** Of those opened: from due to open. */
  readonly connect = new Histogram();
  /** Each where it came to its end. */
  readonly phases = byPhase(() => new Histogram());
  /** Attempts that the end of the test cut off, or the test itself left, and that had long been under way. */
  unanswered = 0;
  #refused = 0;
  readonly #refusedIn = new Map<SocketPhase, number>();
  readonly #refusedStatus = new Map<number, number>();
  #retryAfterMaxSeconds: number | null = null;
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

  /**
   * The test has sent a message. What of it waits is looked at when the turn is over, for TLS never takes a message at
   * once and says a moment later that it has; or before, where the socket or the test ends in this turn.
   */
  countSent(socket: Buffering, clock: Clock): void {
    this.messagesOut++;
    this.#bufferedBytesMax ??= 0;
    if (socket.bufferedBytes === 0) return;
    if (this.#unsent.size === 0) clock.soon(this.#lookAtUnsent);
    this.#unsent.add(socket);
  }

  readonly #lookAtUnsent = (): void => {
    for (const socket of this.#unsent) this.#lookAt(socket);
    this.#unsent.clear();
  };

  #lookAt({ bufferedBytes }: Buffering): void {
    this.#bufferedBytesMax = Math.max(this.#bufferedBytesMax ?? 0, bufferedBytes);
  }

  /** This socket is about to be ended, and what waits goes with it. */
  lookBeforeEnd(socket: Buffering): void {
    if (this.#unsent.delete(socket)) this.#lookAt(socket);
  }

  /** An attempt has failed. */
  refuse(phase: SocketPhase): void {
    this.#refused++;
    increment(this.#refusedIn, phase);
  }

  /** It was the answer to the upgrade, or what should have been a stream, that refused. */
  countAnswer(status: number, retryAfterSeconds: number | undefined): void {
    increment(this.#refusedStatus, status);
    if (retryAfterSeconds === undefined) return;
    this.#retryAfterMaxSeconds = Math.max(this.#retryAfterMaxSeconds ?? 0, retryAfterSeconds);
  }

  countClose(code: number): void {
    increment(this.#closed, code);
  }

  /**
   * undefined where the test has none.
   *
   * @param last nothing is told after it; what waits otherwise belongs to the second in which the turn is over
   */
  take(last: boolean): SocketsDelta | undefined {
    if (!this.#isUsed) return undefined;
    if (last) this.#lookAtUnsent();
    const { attempts, opened, open, messagesIn, messagesOut, taken, bytesIn, bytesOut } = this;
    const delta: SocketsDelta = {
      ...{ attempts, opened, open, messagesIn, messagesOut, taken, bytesIn, bytesOut },
      ...(this.#hasStreams && { eventStreams: this.streams }),
      ...this.#takeDeflated(),
      ...(this.#bufferedBytesMax !== undefined && { bufferedBytesMax: this.#bufferedBytesMax }),
      refused: this.#refused,
      unanswered: this.unanswered,
      refusedIn: byPhase((phase) => this.#refusedIn.get(phase) ?? 0),
      refusedStatus: Object.fromEntries(this.#refusedStatus),
      retryAfterMaxSeconds: this.#retryAfterMaxSeconds,
      closed: Object.fromEntries(this.#closed),
      connect: this.connect.takeDelta(),
      phases: byPhase((phase) => this.phases[phase].takeDelta()),
    };
    this.attempts = this.opened = this.streams = this.#refused = this.messagesIn = this.messagesOut = this.taken = 0;
    this.bytesIn = this.bytesOut = this.unanswered = 0;
    this.#retryAfterMaxSeconds = null;
    this.#bufferedBytesMax = undefined;
    for (const counts of [this.#refusedIn, this.#refusedStatus, this.#closed]) counts.clear();
    return delta;
  }

  #takeDeflated(): Pick<SocketsDelta, 'compressed'> {
    if (this.deflate.messagesIn + this.deflate.messagesOut === 0) return {};
    const { messagesIn, bytesIn, inflatedBytesIn, messagesOut, bytesOut, inflatedBytesOut } = this.deflate;
    this.deflate.reset();
    return { compressed: { messagesIn, bytesIn, inflatedBytesIn, messagesOut, bytesOut, inflatedBytesOut } };
  }
}

function increment<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
