/**
 * One connection that carries one exchange at a time. Hot path: a read that holds a whole, remembered answer costs a
 * comparison of words and no allocation; everything else goes through the parser.
 */
import type { Socket } from 'node:net';
import type { Clock } from '../../kernel/clock.ts';
import { dial, type ConnectionTarget, type Dial, type DialPhase, type DialTimings } from '../net/dial.ts';
import type { DnsCache } from '../net/dns-cache.ts';
import { classify, transportError, type TransportError } from '../net/error-kind.ts';
import type { HeadMemo, ReadBuffer } from './head-memo.ts';
import type { ResponseHead } from './response-head.ts';
import { ResponseParser, type BodySink, type ParserLimits } from './response-parser.ts';

/** Who waits for an answer. `firstByteMs` is written by the connection. */
export interface ConnectionUser {
  readonly method: string;
  readonly memo: HeadMemo | undefined;
  /** false: the body is counted and dropped. */
  readonly keepBody: boolean;
  readonly maxBodyBytes: number;
  firstByteMs: number;
  /** The bytes are valid during the call only; `bodyBytes` counts them all, also those dropped. */
  answered(head: ResponseHead, body: Uint8Array, start: number, end: number, bodyBytes: number, nowMs: number): void;
  /** `seen`: whether any byte of an answer had arrived. */
  broken(error: TransportError, seen: boolean, nowMs: number): void;
}

/** Who keeps the connection between exchanges. */
export interface ConnectionOwner {
  opened(connection: Connection, timings: DialTimings): void;
  openFailed(connection: Connection, error: TransportError, phase: DialPhase): void;
  /** It is gone; called once, whatever the reason, after `opened`. */
  closed(connection: Connection): void;
}

/** What all connections of a thread share. */
export interface ConnectionThread {
  readonly clock: Clock;
  readonly dns: DnsCache;
  readonly buffer: ReadBuffer;
  readonly limits: ParserLimits;
  /** Told of every read, so that work can be told from spinning. */
  readonly scheduler: { activity: number };
}

const noBytes = new Uint8Array(0);

export class Connection implements BodySink {
  readonly #thread: ConnectionThread;
  readonly #owner: ConnectionOwner;
  #socket: Socket | undefined;
  #dialing: Dial | undefined;
  #user: ConnectionUser | undefined;
  #parser: ResponseParser | undefined;
  /** An answer has begun that did not come whole in one read. */
  #inParser = false;
  #chunks: Uint8Array[] | undefined;
  #keptBytes = 0;
  #bodyBytes = 0;
  #requestWhole = true;
  /** 'dialing' → 'open' → 'closed' */
  state: 'dialing' | 'open' | 'closed' = 'dialing';
  /** Exchanges finished: a connection that has served none is fresh. */
  served = 0;
  /** Not to be used again after this instant of the clock: the server is about to close it. */
  reuseUntilMs = Infinity;
  reusable = true;
  bytesRead = 0;
  /** What making it took: a measure of the distance to the server. */
  connectMs = 0;

  constructor(target: ConnectionTarget, thread: ConnectionThread, owner: ConnectionOwner) {
    this.#thread = thread;
    this.#owner = owner;
    const onread = { buffer: thread.buffer.bytes, callback: this.#onRead };
    this.#dialing = dial(target, { onread }, thread, (result) => {
      this.#dialing = undefined;
      if (this.state === 'closed') {
        if (result.ok) result.socket.destroy();
      } else if (result.ok) {
        this.#attach(result.socket, result.onreadActive, result.timings);
      } else {
        this.state = 'closed';
        owner.openFailed(this, result.error, result.phase);
      }
    });
  }

  #attach(socket: Socket, onreadActive: boolean, timings: DialTimings): void {
    this.#socket = socket;
    this.state = 'open';
    this.connectMs = timings.connectMs;
    socket.on('error', this.#onError);
    socket.on('end', this.#onEnd);
    socket.on('close', this.#onClose);
    if (!onreadActive) {
      socket.on('data', (chunk: Uint8Array) => {
        this.#read(chunk, chunk.length);
      });
    }
    this.#owner.opened(this, timings);
  }

  /** Of the way to it, while it is being made. */
  get phase(): DialPhase | undefined {
    return this.#dialing?.phase;
  }

  get isBusy(): boolean {
    return this.#user !== undefined;
  }

  /** Sends one request whole: a string of latin-1, or bytes. */
  send(user: ConnectionUser, request: string | Uint8Array): void {
    this.#user = user;
    this.#requestWhole = true;
    if (typeof request === 'string') this.#socket!.write(request, 'latin1');
    else this.#socket!.write(request);
  }

  /** Sends a head; the body follows by `write` and ends with `bodySent`. */
  sendHead(user: ConnectionUser, head: string): void {
    this.#user = user;
    this.#requestWhole = false;
    this.#socket!.write(head, 'latin1');
  }

  /** Resolves once the bytes may be followed by more; false when the exchange is over and the rest is not wanted. */
  async write(user: ConnectionUser, bytes: Uint8Array | string): Promise<boolean> {
    const socket = this.#socket;
    if (!socket || this.#user !== user || this.state === 'closed') return false;
    if (!socket.write(bytes)) {
      await new Promise<void>((resolve) => {
        const go = (): void => {
          socket.off('drain', go);
          socket.off('close', go);
          resolve();
        };
        socket.on('drain', go);
        socket.on('close', go);
      });
    }
    return this.#user === user;
  }

  bodySent(user: ConnectionUser): void {
    if (this.#user === user) this.#requestWhole = true;
  }

  /** The user gives up; what may still arrive belongs to nobody, so the connection goes. */
  abandon(): void {
    this.#user = undefined;
    this.close();
  }

  close(): void {
    if (this.state === 'closed') return;
    const wasOpen = this.state === 'open';
    this.state = 'closed';
    this.reusable = false;
    this.#dialing?.cancel();
    this.#dialing = undefined;
    this.#socket?.destroy();
    if (wasOpen) this.#owner.closed(this);
  }

  readonly #onRead = (bytesRead: number): boolean => {
    this.#read(undefined, bytesRead);
    return true;
  };

  /** `chunk` is undefined for the thread's own buffer. */
  #read(chunk: Uint8Array | undefined, length: number): void {
    const thread = this.#thread;
    const user = this.#user;
    thread.scheduler.activity++;
    this.bytesRead += length;
    if (user === undefined) {
      // Bytes that nobody asked for: a 408 on an idle connection, or rubbish. Either way it cannot be trusted again.
      this.close();
      return;
    }
    const now = thread.clock.now();
    if (user.firstByteMs === 0) user.firstByteMs = now;
    const memo = user.memo;
    if (memo?.totalBytes === length && !this.#inParser && chunk === undefined && memo.matches(thread.buffer)) {
      this.#finish(user, memo.head!, thread.buffer.bytes, memo.headBytes, length, length - memo.headBytes, now);
      return;
    }
    this.#parse(user, chunk ?? thread.buffer.bytes, length, now);
  }

  #parse(user: ConnectionUser, bytes: Uint8Array, length: number, now: number): void {
    const parser = (this.#parser ??= new ResponseParser(this, this.#thread.limits));
    const fresh = !this.#inParser;
    if (fresh) this.#begin(parser, user);
    const consumed = parser.execute(bytes, 0, length);
    if (parser.state === 'error' || parser.state === 'upgrade') {
      const message = parser.fault?.message ?? 'the server switched protocols (101) without being asked to';
      this.#break(transportError('protocol', message, parser.fault?.code ?? 'unexpected-upgrade'), now);
    } else if (parser.state === 'done') {
      if (consumed < length) this.reusable = false;
      if (fresh && consumed === length) this.#learn(user, parser.head!, length);
      this.#finishParsed(user, parser.head!, now);
    }
  }

  #begin(parser: ResponseParser, user: ConnectionUser): void {
    this.#inParser = true;
    this.#chunks = undefined;
    this.#keptBytes = 0;
    this.#bodyBytes = 0;
    parser.start(user.method);
  }

  /** Only what came whole in one read, with a length said beforehand and no interim answer, can be recognised again. */
  #learn(user: ConnectionUser, head: ResponseHead, length: number): void {
    const kept = !user.keepBody || this.#bodyBytes <= user.maxBodyBytes;
    if (kept && user.memo !== undefined && !head.chunked && head.bytes.length + this.#bodyBytes === length) {
      const bodiless = user.method === 'HEAD' || head.status === 204 || head.status === 304;
      if (bodiless || head.contentLength >= 0) user.memo.learn(head, this.#bodyBytes);
    }
  }

  /** BodySink: a piece of the body, valid during the call. */
  onBody(bytes: Uint8Array, start: number, end: number): void {
    const user = this.#user;
    this.#bodyBytes += end - start;
    if (!user?.keepBody) return;
    if (this.#bodyBytes > user.maxBodyBytes) {
      this.#chunks = undefined;
      this.#keptBytes = 0;
      return;
    }
    (this.#chunks ??= []).push(bytes.slice(start, end));
    this.#keptBytes += end - start;
  }

  #finishParsed(user: ConnectionUser, head: ResponseHead, now: number): void {
    const chunks = this.#chunks;
    const kept = this.#keptBytes;
    this.#chunks = undefined;
    const whole = chunks === undefined ? noBytes : chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, kept);
    this.#finish(user, head, whole, 0, kept, this.#bodyBytes, now);
  }

  #finish(
    user: ConnectionUser,
    head: ResponseHead,
    body: Uint8Array,
    start: number,
    end: number,
    bodyBytes: number,
    now: number,
  ): void {
    this.#user = undefined;
    this.#inParser = false;
    this.served++;
    if (!head.keepAlive || !this.#requestWhole) this.reusable = false;
    if (head.keepAliveTimeoutSeconds >= 0) {
      this.reuseUntilMs =
        now + Math.max(head.keepAliveTimeoutSeconds * 500, head.keepAliveTimeoutSeconds * 1000 - 1000);
    }
    user.answered(head, body, start, end, bodyBytes, now);
  }

  #break(error: TransportError, now: number): void {
    const user = this.#user;
    const seen = this.#inParser;
    this.#user = undefined;
    this.#inParser = false;
    this.close();
    user?.broken(error, seen, now);
  }

  /** The server sent its FIN: the end of a close-delimited body, or of an idle connection, or a fault. */
  readonly #onEnd = (): void => {
    const user = this.#user;
    const now = this.#thread.clock.now();
    this.reusable = false;
    if (user === undefined) {
      this.close();
    } else if (!this.#inParser) {
      this.#break(transportError('closed', 'the server closed the connection without an answer', 'closed'), now);
    } else {
      const parser = this.#parser!;
      parser.finish();
      if (parser.state === 'done') {
        this.#finishParsed(user, parser.head!, now);
        this.close();
      } else {
        const message = parser.fault?.message ?? 'the server closed the connection in the middle of the answer';
        this.#break(transportError('closed', message, parser.fault?.code ?? 'truncated'), now);
      }
    }
  };

  readonly #onError = (error: Error): void => {
    this.#break(classify(error, 'exchange'), this.#thread.clock.now());
  };

  readonly #onClose = (): void => {
    this.#break(transportError('closed', 'the connection was closed', 'closed'), this.#thread.clock.now());
  };
}
