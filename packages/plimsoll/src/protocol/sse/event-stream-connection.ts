/** One connection that carries one event stream: the request, the answer's head, its framing, and the events in it. */
import type { Socket } from 'node:net';
import type { TimerHandle } from '../../kernel/clock.ts';
import type { ConnectionThread } from '../http1/connection.ts';
import type { ResponseHead } from '../http1/response-head.ts';
import { ResponseParser, type BodySink } from '../http1/response-parser.ts';
import { dial, type Dial, type DialResult, type OpeningPhase } from '../net/dial.ts';
import { classify, transportError, type ErrorKind, type TransportError } from '../net/error-kind.ts';
import { reset } from '../net/reset.ts';
import { EventStreamParser, type EventStreamHandler } from './event-stream-parser.ts';
import { streamEndCodes, type EventStreamOptions, type EventStreamUser, type StreamEnd } from './event-stream.ts';
import { refusalOf, streamRequestText } from './stream-request.ts';

/** For the server's end of the connection, once ours has been sent. */
const closeTimeoutMs = 5000;

export class EventStreamConnection implements BodySink, EventStreamHandler {
  readonly #thread: ConnectionThread;
  readonly #user: EventStreamUser;
  readonly #maxEventBytes: number;
  readonly #answer: ResponseParser;
  readonly #events: EventStreamParser;
  #dialing: Dial | undefined;
  #socket: Socket | undefined;
  #isSilent = false;
  #connectedMs = 0;
  #timer: TimerHandle | undefined;
  #end: StreamEnd | undefined;
  /** What had come before the read that is looked at now. */
  #bytesBefore = 0;
  /** 'connecting' → 'open' → 'closing' → 'closed' */
  state: 'connecting' | 'open' | 'closing' | 'closed' = 'connecting';
  bytesIn = 0;
  bytesOut = 0;
  /** Those of `bytesIn` that were the answer's head. */
  headBytesIn = 0;

  /** Errors: TestFileError, when the request cannot be written. */
  constructor(options: EventStreamOptions, thread: ConnectionThread, user: EventStreamUser) {
    this.#thread = thread;
    this.#user = user;
    this.#maxEventBytes = options.maxEventBytes;
    this.#events = new EventStreamParser(this, options.maxEventBytes, options.lastEventId);
    this.#answer = new ResponseParser(this, thread.limits);
    this.#answer.start('GET');
    const request = streamRequestText(options);
    const onread = { buffer: thread.buffer.bytes, callback: this.#onRead };
    this.#dialing = dial(options.target, { onread }, thread, (result) => {
      this.#dialing = undefined;
      if (result.ok) this.#dialled(result, request);
      else this.#refuse(result.error, undefined, result.phase);
    });
  }

  /** How far it has come while it is being opened. */
  get phase(): OpeningPhase {
    return this.#dialing?.phase ?? 'upgrade';
  }

  get lastEventId(): string {
    return this.#events.lastEventId;
  }

  get retryMs(): number | undefined {
    return this.#events.retryMs;
  }

  /** Leaves; `closed` follows. Before it is open the attempt is given up, and nothing follows. */
  close(): void {
    if (this.state === 'connecting') this.#giveUp();
    else if (this.state === 'open') this.#leave({ code: streamEndCodes.whole, error: undefined });
  }

  /** A reset, or an end of what we send. `closed` follows. */
  terminate(how: 'reset' | 'fin'): void {
    if (this.state === 'connecting') this.#giveUp();
    if (this.state !== 'open') return;
    this.state = 'closing';
    this.#end ??= broken('aborted', 'the test broke the connection off');
    if (how === 'reset') reset(this.#socket!);
    else {
      this.#socket!.end();
      this.#timer = this.#thread.clock.after(closeTimeoutMs, () => this.#socket!.destroy());
    }
  }

  /** Reads nothing more: a client whose network is gone, or that is too slow. `terminate` and `close` end it. */
  silence(): void {
    this.#isSilent = true;
    this.#socket?.pause();
  }

  #giveUp(): void {
    this.state = 'closed';
    this.#dialing?.cancel();
    this.#socket?.destroy();
  }

  #dialled({ socket, timings, onreadActive }: DialResult & { ok: true }, request: string): void {
    this.#socket = socket;
    if (this.#isSilent) socket.pause();
    this.#connectedMs = this.#thread.clock.now();
    socket.on('error', this.#onError);
    socket.on('end', this.#onEnd);
    socket.on('close', this.#onClose);
    if (!onreadActive) {
      socket.on('data', (chunk: Uint8Array) => {
        this.#read(chunk, chunk.length);
      });
    }
    this.bytesOut += request.length;
    socket.write(request, 'latin1');
    this.#user.connected?.(timings);
  }

  #refuse(error: TransportError, head: ResponseHead | undefined, phase: OpeningPhase = 'upgrade'): void {
    if (this.state !== 'connecting') return;
    this.#giveUp();
    this.#user.refused({ error, phase, head });
  }

  #leave(end: StreamEnd): void {
    this.#end ??= end;
    this.state = 'closing';
    this.#socket?.destroy();
  }

  readonly #onRead = (bytesRead: number): boolean => {
    this.#read(this.#thread.buffer.bytes, bytesRead);
    return true;
  };

  #read(bytes: Uint8Array, length: number): void {
    this.#thread.scheduler.activity++;
    this.#bytesBefore = this.bytesIn;
    this.bytesIn += length;
    if (this.state !== 'connecting' && this.state !== 'open') return;
    this.#answer.execute(bytes, 0, length);
    const { state, fault, head } = this.#answer;
    if (head !== undefined) this.#answered(head, length);
    if (state === 'error') {
      const message = fault?.message ?? 'the answer is not HTTP';
      this.#refuse(transportError('protocol', message, fault?.code ?? ''), head);
      if (this.state === 'open') this.#leave(broken('protocol', message));
    } else if (state === 'done' && this.state === 'open') {
      this.#leave({ code: streamEndCodes.whole, error: undefined });
    }
  }

  /** The head has come: of what was read last, `end` bytes belong to it. */
  #answered(head: ResponseHead, end: number): void {
    if (this.state !== 'connecting') return;
    const error = refusalOf(head);
    if (error !== undefined) {
      this.#refuse(error, head);
      return;
    }
    this.headBytesIn = this.#bytesBefore + end;
    this.state = 'open';
    this.#user.opened(this.#thread.clock.now() - this.#connectedMs, head);
  }

  /** BodySink. */
  onBody(buffer: Uint8Array, start: number, end: number): void {
    this.#answered(this.#answer.head!, start);
    if (this.state !== 'open' || this.#events.push(buffer, start, end)) return;
    const message = `the server sent an event of more than ${this.#maxEventBytes} bytes`;
    this.#leave({ code: streamEndCodes.tooLarge, error: transportError('too-large', message) });
  }

  /** EventStreamHandler. */
  event(type: string, data: string, id: string): void {
    // Whoever has left in the middle of a read hears no more of it.
    if (this.state === 'open') this.#user.event(type, data, id);
  }

  readonly #onEnd = (): void => {
    if (this.state === 'connecting') {
      this.#refuse(
        transportError('closed', 'the server closed the connection before it answered', 'closed'),
        undefined,
      );
    } else if (this.state === 'open') {
      this.#answer.finish();
      const { state, fault } = this.#answer;
      if (state === 'done') this.#leave({ code: streamEndCodes.whole, error: undefined });
      else
        this.#leave(broken('closed', fault?.message ?? 'the server closed the connection in the middle of the stream'));
    }
    this.#socket?.end();
  };

  readonly #onError = (error: Error): void => {
    const failure = classify(error, 'exchange');
    if (this.state === 'connecting') this.#refuse(failure, undefined);
    else this.#end ??= { code: streamEndCodes.broken, error: failure };
  };

  readonly #onClose = (): void => {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.#timer?.cancel();
    this.#user.closed(this.#end ?? broken('closed', 'the connection ended in the middle of the stream'));
  };
}

function broken(kind: ErrorKind, message: string): StreamEnd {
  return { code: streamEndCodes.broken, error: transportError(kind, message) };
}
