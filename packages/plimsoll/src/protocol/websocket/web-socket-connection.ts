/**
 * One WebSocket as a client: handshake, messages, heartbeat, close. An open connection that is idle holds a socket and
 * this object, no buffer and no timer: tens of thousands of them may wait. How long the handshake may take is for whoever
 * asks for it to say, who calls `close`.
 */
import type { Socket } from 'node:net';
import type { TimerHandle } from '../../kernel/clock.ts';
import type { ConnectionThread } from '../http1/connection.ts';
import { dial, type Dial, type DialResult, type OpeningPhase } from '../net/dial.ts';
import { classify, transportError, type TransportError } from '../net/error-kind.ts';
import { reset } from '../net/reset.ts';
import { abnormal, FrameFault, noStatus } from './close-codes.ts';
import type { DeflateCounts } from './deflate-counts.ts';
import { FrameParser, opcodes, type FrameHandler } from './frame-parser.ts';
import { closeFrame, dataFrame, fragmentFrames, pingFrame, pongFrame } from './frame-writer.ts';
import type { DataFrameOptions, MaskSource } from './frame-writer.ts';
import { Opening } from './opening.ts';
import { asBuffer, byteLength, copyOf, readClose, textOf } from './payload.ts';
import { deflateMessage, MessageInflater, type DeflateTerms } from './permessage-deflate.ts';
import type { Fragments, OpenUser, Refusal, WebSocketOptions, WebSocketUser } from './web-socket.ts';

// First bytes of frames that are a whole message.
const wholeText = 0x80 | opcodes.text;
const wholeBinary = 0x80 | opcodes.binary;

const endedUnanswered = 'the server closed the connection before it answered the upgrade';
/** With more than this on its way out a pong waits for the one before it. */
const mostUnsentBytes = 64 * 1024;

export class WebSocketConnection implements FrameHandler {
  // What each message needs comes first and lies together: of thousands of connections none is in the nearest cache.
  /** Before it is open. */
  #opening: Opening | undefined;
  /** The next byte begins a message, and the parser need not be asked. */
  #isBetweenMessages = false;
  readonly #maxMessageBytes: number;
  readonly #thread: ConnectionThread;
  #user: OpenUser;
  /** 'connecting' → 'open' → 'closing' → 'closed' */
  state: 'connecting' | 'open' | 'closing' | 'closed' = 'connecting';
  bytesIn = 0;
  bytesOut = 0;
  messagesIn = 0;
  /** Who asks for it; undefined once it is open. */
  #asker: WebSocketUser | undefined;
  readonly #random: MaskSource;
  readonly #closeTimeoutMs: number;
  #compressFromBytes = Infinity;
  #deflated: DeflateCounts | undefined;
  #socket: Socket | undefined;
  #dialing: Dial | undefined;
  /** For what is not a short message alone in its read; most connections never need one. */
  #parser: FrameParser | undefined;
  /** Nothing that comes is read any more. */
  #isStopped = false;
  #terms: DeflateTerms | undefined;
  #inflater: MessageInflater | undefined;
  #timer: TimerHandle | undefined;
  #isSilent = false;
  #isPongUnderWay = false;
  /** The latest ping that could not be answered yet. */
  #unanswered: Uint8Array | undefined;
  #closeSent = false;
  #closeCode = abnormal;
  #closeReason = '';
  #error: TransportError | undefined;

  /** Errors: TestFileError, when the handshake cannot be written. */
  constructor(options: WebSocketOptions, thread: ConnectionThread, user: WebSocketUser, random: MaskSource) {
    this.#thread = thread;
    this.#asker = this.#user = user;
    this.#random = random;
    this.#closeTimeoutMs = options.closeTimeoutMs;
    this.#maxMessageBytes = options.maxMessageBytes;
    if (options.deflate !== undefined) this.#compressFromBytes = options.deflate.thresholdBytes;
    const opening = new Opening(options, thread.limits);
    this.#opening = opening;
    const onread = { buffer: thread.buffer.bytes, callback: this.#onRead };
    this.#dialing = dial(options.target, { onread, tunnel: true }, thread, (result) => {
      this.#dialing = undefined;
      if (result.ok) this.#dialled(result, opening);
      else this.#refuse({ error: result.error, phase: result.phase, head: undefined });
    });
  }

  /** Where the attempt is, or where it was given up; 'upgrade' from then on. */
  get phase(): OpeningPhase {
    return this.#dialing?.phase ?? 'upgrade';
  }

  /** From here on `user` is told, and whoever asked for the connection can be forgotten. */
  handTo(user: OpenUser): void {
    this.#user = user;
  }

  /** From here on what compression does to messages goes into `counts`, or nowhere. */
  countDeflated(counts: DeflateCounts | undefined): void {
    this.#deflated = counts;
  }

  /** Bytes that the system has not taken yet. */
  get bufferedBytes(): number {
    return this.#socket?.writableLength ?? 0;
  }

  /** false: the connection is not open, and nothing was sent. */
  send(data: string | Uint8Array, fragments?: Fragments): boolean {
    if (this.state !== 'open') return false;
    const deflated =
      this.#terms !== undefined && byteLength(data) >= this.#compressFromBytes
        ? deflateMessage(data, this.#terms)
        : undefined;
    if (deflated !== undefined) this.#deflated?.countOut(deflated.length, byteLength(data));
    const options = { isText: typeof data === 'string', isCompressed: deflated !== undefined };
    if (fragments === undefined) this.#write(dataFrame(deflated ?? data, this.#random, options));
    else this.#sendFragmented(Buffer.from(deflated ?? data), options, fragments);
    return true;
  }

  #sendFragmented(payload: Buffer, first: DataFrameOptions, { fragmentBytes, pingsBetween = false }: Fragments): void {
    for (const { frame, isFinal } of fragmentFrames(payload, this.#random, first, fragmentBytes)) {
      this.#write(frame);
      if (pingsBetween && !isFinal) this.ping();
    }
  }

  ping(payload: Uint8Array = new Uint8Array(0)): boolean {
    if (this.state !== 'open') return false;
    this.#write(pingFrame(payload, this.#random));
    return true;
  }

  /** Begins the closing handshake; `closed` follows. Before it is open the attempt is given up, and nothing follows. */
  close(code?: number, reason = ''): void {
    if (this.state === 'connecting') this.#giveUp();
    if (this.state !== 'open') return;
    this.state = 'closing';
    this.#sendClose(code, reason);
  }

  /** Without a close frame: a reset, or an end of what we send. `closed` follows, with `why`. */
  terminate(how: 'reset' | 'fin', why?: TransportError): void {
    if (this.state === 'connecting') this.#giveUp();
    if (this.state === 'closed') return;
    this.#error ??= why;
    this.state = 'closing';
    if (how === 'fin') this.#endSoon();
    else if (this.#socket !== undefined) reset(this.#socket);
  }

  /** Reads nothing more and answers nothing: a client whose network is gone. `terminate` ends it. */
  silence(): void {
    this.#isSilent = true;
    this.#unanswered = undefined;
    // What has come in the same read is not read, either.
    this.#stopReading();
    this.#socket?.pause();
  }

  #stopReading(): void {
    this.#isStopped = true;
    this.#isBetweenMessages = false;
    if (this.#parser) this.#parser.stopped = true;
  }

  #giveUp(): void {
    this.state = 'closed';
    this.#opening = undefined;
    this.#dialing?.cancel();
    this.#socket?.destroy();
  }

  #dialled(result: DialResult & { ok: true }, opening: Opening): void {
    const { socket } = result;
    this.#socket = socket;
    if (this.#isSilent) socket.pause();
    opening.connected(result.timings, this.#thread.clock.now());
    this.#asker?.connected?.(result.timings);
    socket.on('error', this.#onError);
    socket.on('end', this.#onEnd);
    socket.on('close', this.#onClose);
    if (!result.onreadActive) {
      socket.on('data', (chunk: Uint8Array) => {
        this.#read(chunk, chunk.length);
      });
    }
    if (this.#isSilent) return;
    this.bytesOut += opening.request.length;
    socket.write(opening.request, 'latin1');
  }

  #refuse(refusal: Refusal): void {
    if (this.state !== 'connecting') return;
    this.#giveUp();
    this.#asker?.refused(refusal);
  }

  readonly #onRead = (bytesRead: number): boolean => {
    this.#read(this.#thread.buffer.bytes, bytesRead);
    return true;
  };

  #read(bytes: Uint8Array, length: number): void {
    this.#thread.scheduler.activity++;
    const start = this.#opening === undefined ? 0 : this.#open(this.#opening, bytes, length);
    this.bytesIn += length - start;
    try {
      if (this.#isBetweenMessages && this.#isOneShortMessage(bytes, length)) {
        this.messagesIn++;
        this.#deliver(bytes, 2, length, bytes[0] === wholeText);
      } else {
        this.#parse(bytes, start, length);
      }
    } catch (error) {
      // What a user's handler throws is not the peer's fault, and none of ours to swallow.
      if (!(error instanceof FrameFault)) throw error;
      this.#fail(error);
    }
  }

  /** Errors: FrameFault. */
  #parse(bytes: Uint8Array, start: number, end: number): void {
    if (start >= end || this.state === 'closed' || this.#isStopped) return;
    this.#parser ??= new FrameParser(this, {
      maxMessageBytes: this.#maxMessageBytes,
      mayCompress: this.#terms !== undefined,
    });
    this.#parser.push(bytes, start, end);
    this.#isBetweenMessages = !this.#parser.stopped && this.#parser.isBetweenMessages;
  }

  /** What most reads hold, and all that most servers send: read here, it needs nothing but what is at hand. */
  #isOneShortMessage(bytes: Uint8Array, length: number): boolean {
    const first = bytes[0];
    return (
      (first === wholeText || first === wholeBinary) &&
      length <= 127 &&
      bytes[1] === length - 2 &&
      length - 2 <= this.#maxMessageBytes &&
      this.state === 'open'
    );
  }

  /** Reads the answer to the upgrade; gives back where the frames begin. */
  #open(opening: Opening, bytes: Uint8Array, length: number): number {
    const outcome = opening.read(bytes, length, this.#thread.clock.now());
    const consumed = outcome !== undefined && 'consumed' in outcome ? outcome.consumed : length;
    // Counted before anybody is told: what comes behind the answer is no part of the handshake.
    this.bytesIn += consumed;
    if (outcome === undefined) return length;
    if ('error' in outcome) {
      this.#refuse({ ...outcome, phase: 'upgrade' });
      return length;
    }
    const { opened, timings } = outcome;
    this.#opening = undefined;
    this.#terms = opened.deflate;
    this.state = 'open';
    this.#isBetweenMessages = true;
    const asker = this.#asker!;
    this.#asker = undefined;
    asker.opened(timings, opened);
    return consumed;
  }

  /** FrameHandler. */
  message(bytes: Uint8Array, start: number, end: number, isText: boolean, isCompressed: boolean): void {
    this.messagesIn++;
    if (isCompressed) {
      this.#inflater ??= new MessageInflater(this.#terms!, this.#maxMessageBytes);
      const whole = this.#inflater.inflate(bytes, start, end);
      const counts = this.state === 'open' ? this.#deflated : undefined;
      this.#deliver(whole, 0, whole.length, isText);
      counts?.countIn(end - start, whole.length);
    } else {
      this.#deliver(bytes, start, end, isText);
    }
  }

  /** Errors: FrameFault. */
  #deliver(bytes: Uint8Array, start: number, end: number, isText: boolean): void {
    const { buffer } = this.#thread;
    const data = !isText
      ? copyOf(bytes, start, end)
      : textOf(bytes === buffer.bytes ? buffer.asBuffer : asBuffer(bytes), start, end);
    if (this.state === 'open') this.#user.message(data);
  }

  /** FrameHandler. */
  control(opcode: number, bytes: Uint8Array, start: number, end: number): void {
    if (opcode === opcodes.close) {
      this.#closeReceived(bytes.subarray(start, end));
      return;
    }
    const payload = copyOf(bytes, start, end);
    if (opcode === opcodes.pong) {
      this.#user.pong(payload);
    } else if (this.state === 'open') {
      this.#answerPing(payload);
      this.#user.pinged?.(payload);
    }
  }

  /** A peer that pings and does not read must not fill memory: the latest ping alone need be answered (section 5.5.3). */
  #answerPing(payload: Uint8Array): void {
    if (this.#isPongUnderWay) {
      this.#unanswered = payload;
    } else if (this.bufferedBytes <= mostUnsentBytes) {
      this.#write(pongFrame(payload, this.#random));
    } else {
      this.#isPongUnderWay = true;
      this.#write(pongFrame(payload, this.#random), (error) => {
        this.#pongSent(error);
      });
    }
  }

  #pongSent(error: Error | null | undefined): void {
    this.#isPongUnderWay = false;
    const payload = this.#unanswered;
    this.#unanswered = undefined;
    if (payload !== undefined && !error && this.state === 'open') this.#answerPing(payload);
  }

  #closeReceived(payload: Uint8Array): void {
    const { code, reason } = readClose(payload);
    this.#stopReading();
    this.#closeCode = code;
    this.#closeReason = reason;
    this.state = 'closing';
    if (!this.#closeSent) this.#sendClose(code === noStatus ? undefined : code, '');
    // The server ends the connection first (section 7.1.1); it has been given the time to.
    this.#armClose();
  }

  #sendClose(code: number | undefined, reason: string): void {
    this.#closeSent = true;
    this.#write(closeFrame(code, reason, this.#random));
    this.#armClose();
  }

  #armClose(): void {
    this.#timer ??= this.#thread.clock.after(this.#closeTimeoutMs, () => {
      this.#error ??= transportError('timeout', 'the server did not end the connection after the close', 'close');
      this.#socket?.destroy();
    });
  }

  /** The peer broke the protocol: it is told why, and the connection goes (section 7.1.7). */
  #fail({ closeCode, message }: FrameFault): void {
    this.#error ??= transportError('protocol', `the server sent ${message}`, String(closeCode));
    this.#closeCode = abnormal;
    this.state = 'closing';
    this.#stopReading();
    if (!this.#closeSent) {
      this.#closeSent = true;
      this.#write(closeFrame(closeCode, '', this.#random));
    }
    this.#endSoon();
  }

  #endSoon(): void {
    this.#socket?.end();
    this.#armClose();
  }

  #write(frame: Buffer, sent?: (error?: Error | null) => void): void {
    this.bytesOut += frame.length;
    this.#socket?.write(frame, sent);
  }

  readonly #onEnd = (): void => {
    if (this.state === 'connecting') {
      const error = transportError('closed', endedUnanswered, 'closed');
      this.#refuse({ error, phase: 'upgrade', head: undefined });
    }
    this.#socket?.end();
  };

  readonly #onError = (error: Error): void => {
    const failure = classify(error, 'exchange');
    if (this.state === 'connecting') this.#refuse({ error: failure, phase: 'upgrade', head: undefined });
    else this.#error ??= failure;
  };

  readonly #onClose = (): void => {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#inflater = undefined;
    const wasClean = this.#closeSent && this.#closeCode !== abnormal;
    const lost = wasClean
      ? undefined
      : (this.#error ?? transportError('closed', 'the connection ended without a close frame'));
    this.#user.closed(this.#closeCode, this.#closeReason, wasClean, lost);
  };
}
