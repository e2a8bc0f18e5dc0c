/**
 * Engine.IO's polling as a connection: one request always waits for what the server has to say, another carries what is
 * sent. To its user it is like a WebSocket that carries the same packets.
 */
import type { Clock, TimerHandle } from '../../../kernel/clock.ts';
import type { OpeningPhase } from '../../../protocol/net/dial.ts';
import { transportError, type TransportError } from '../../../protocol/net/error-kind.ts';
import {
  engineSessionOf,
  joinPayload,
  messageBytes,
  payloadBytes,
  splitPayload,
  type EngineSession,
} from '../../../protocol/socketio/polling-payload.ts';
import type { WebSocketUser } from '../../../protocol/websocket/web-socket.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Carrier } from '../sockets/carrier.ts';
import { PollingHttp, type PollingAnswer } from './polling-http.ts';
import { closeTimeoutMs, maxMessageBytesOf, type Way } from '../sockets/web-socket-way.ts';

const closePacket = '1';
const tooLargeCode = 1009;

export class PollingConnection implements Carrier {
  readonly #http: PollingHttp;
  readonly #clock: Clock;
  readonly #user: WebSocketUser;
  readonly #maxMessageBytes: number;
  #session: EngineSession | undefined;
  #poll: Exchange | undefined;
  #post: Exchange | undefined;
  #queue: (string | Uint8Array)[] = [];
  #queuedBytes = 0;
  /** Called once nothing is under way; until `resume` nothing more is begun. */
  #paused: (() => void) | undefined;
  #isSilent = false;
  #closeCode = 1000;
  /** Why it closes, where that is not the test's wish. */
  #fault: TransportError | undefined;
  #closing: TimerHandle | undefined;
  readonly transport = 'polling';
  state: Carrier['state'] = 'connecting';

  /** Errors: TestFileError, UsageError, TargetNotAllowedError. */
  constructor(way: Way, user: WebSocketUser) {
    this.#http = new PollingHttp(way);
    this.#clock = way.context.settings.clock;
    this.#user = user;
    this.#maxMessageBytes = maxMessageBytesOf(way.options);
    this.#poll = this.#http.send({ timeoutMs: way.request.timeoutMs }, this.#greeted);
  }

  get phase(): OpeningPhase {
    return this.#http.phase;
  }

  get session(): EngineSession | undefined {
    return this.#session;
  }
  get bytesIn(): number {
    return this.#http.bytesIn;
  }
  get bytesOut(): number {
    return this.#http.bytesOut;
  }
  get bufferedBytes(): number {
    return this.#queuedBytes;
  }

  send(data: string | Uint8Array): boolean {
    if (this.state !== 'open') return false;
    this.#enqueue(data);
    return true;
  }

  close(code = 1000): void {
    if (this.state === 'connecting') this.#giveUp();
    if (this.state !== 'open') return;
    this.state = 'closing';
    this.#closeCode = code;
    this.#paused = undefined;
    if (this.#http.isOver || this.#isSilent) {
      this.#end(code, false, transportError('closed', 'the test left without a close packet'));
      return;
    }
    this.#closing = this.#clock.after(closeTimeoutMs, () => {
      this.#lose(transportError('timeout', 'the server did not answer the close packet', 'close'));
    });
    this.#flush();
  }

  /** There is no telling a reset from an end here: the requests under way are broken off, and no more are made. */
  terminate(_how: 'reset' | 'fin', why: TransportError): void {
    if (this.state === 'connecting') this.#giveUp();
    if (this.state === 'closed') return;
    this.state = 'closing';
    this.#isSilent = true;
    this.#abort();
    this.#clock.soon(() => {
      this.#end(1006, false, why);
    });
  }

  silence(): void {
    this.#isSilent = true;
  }

  /** Begins nothing more, and calls back once nothing is under way. */
  pause(done: () => void): void {
    this.#paused = done;
    this.#settlePause();
  }

  resume(): void {
    this.#paused = undefined;
    this.#listen();
    this.#flush();
  }

  /** Another transport takes over: nobody is told, and what was not sent is given back. */
  retire(): readonly (string | Uint8Array)[] {
    this.state = 'closed';
    this.#queuedBytes = 0;
    return this.#queue.splice(0);
  }

  readonly #greeted = (answer: PollingAnswer): void => {
    this.#poll = undefined;
    if (this.state !== 'connecting') return;
    if (!answer.ok) {
      this.state = 'closed';
      this.#user.refused({ error: answer.error, phase: this.phase, head: answer.head });
      return;
    }
    const packets = splitPayload(answer.text);
    const session = engineSessionOf(packets[0]!);
    if (session === undefined) {
      this.state = 'closed';
      const error = transportError('protocol', 'the answer is no handshake of Engine.IO');
      this.#user.refused({ error, phase: 'upgrade', head: answer.head });
      return;
    }
    this.#session = session;
    this.state = 'open';
    // Look-up, connecting and TLS are those of the VU's connections, and counted where one had to be made.
    const timings = { dnsMs: 0, connectMs: 0, tlsMs: 0, upgradeMs: answer.serviceMs };
    this.#user.opened(timings, { head: answer.head, protocol: '', deflate: undefined });
    this.#deliver(packets);
    this.#listen();
  };

  /** Waits for what the server says next. A ping is due within the heartbeat, so no poll is longer. */
  #listen(): void {
    if (this.state !== 'open' || this.#isSilent || this.#poll !== undefined || this.#paused !== undefined) return;
    const { sid, heartbeatMs } = this.#session!;
    this.#poll = this.#http.send({ sid, timeoutMs: heartbeatMs }, (answer) => {
      this.#poll = undefined;
      if (this.state !== 'open' || this.#isSilent) return;
      if (!answer.ok) {
        if (answer.error.kind === 'too-large') this.#refuseLarge(answer.error.message);
        else this.#lose(answer.error);
        return;
      }
      this.#deliver(splitPayload(answer.text));
      this.#listen();
      this.#settlePause();
    });
  }

  #deliver(packets: readonly string[]): void {
    for (const packet of packets) {
      if (this.state !== 'open') return;
      // As a close frame without a code.
      if (packet === closePacket) this.#end(1005, true);
      else if (messageBytes(packet) <= this.#maxMessageBytes) this.#user.message(packet);
      else this.#refuseLarge(`the server sent a message of more than ${this.#maxMessageBytes} bytes`);
    }
  }

  /** The server is told of the end, though there is no telling it why. */
  #refuseLarge(message: string): void {
    this.#fault = transportError('too-large', message);
    this.close(tooLargeCode);
  }

  #enqueue(packet: string | Uint8Array): void {
    this.#queue.push(packet);
    this.#queuedBytes += payloadBytes(packet);
    this.#flush();
  }

  /** One body at a time, so that packets arrive in their order. */
  #flush(): void {
    if (this.state === 'closed' || this.#isSilent || this.#post !== undefined || this.#paused !== undefined) return;
    // The end is said apart, as by the official client: the server would take it in before what stands beside it.
    const isEnd = this.#queue.length === 0;
    if (isEnd && this.state !== 'closing') return;
    const body = isEnd ? closePacket : joinPayload(this.#nextPackets());
    const { sid } = this.#session!;
    this.#post = this.#http.send({ sid, body }, (answer) => {
      this.#post = undefined;
      if (this.state === 'closed' || this.#isSilent) return;
      if (!answer.ok) this.#lose(answer.error);
      else if (isEnd) this.#end(this.#closeCode, this.#fault === undefined, this.#fault);
      else {
        this.#flush();
        this.#settlePause();
      }
    });
  }

  /** As many as the server takes in one body, and one at least. */
  #nextPackets(): readonly (string | Uint8Array)[] {
    const { maxPayloadBytes } = this.#session!;
    let bytes = payloadBytes(this.#queue[0]!);
    let count = 1;
    while (count < this.#queue.length) {
      const more = payloadBytes(this.#queue[count]!);
      if (bytes + more > maxPayloadBytes) break;
      bytes += more;
      count++;
    }
    this.#queuedBytes -= bytes;
    return this.#queue.splice(0, count);
  }

  #settlePause(): void {
    const isIdle = this.#poll === undefined && this.#post === undefined;
    if (isIdle && this.state === 'open' && !this.#isSilent) this.#paused?.();
  }

  #giveUp(): void {
    this.state = 'closed';
    this.#abort();
  }

  #abort(): void {
    this.#poll?.abort();
    this.#post?.abort();
  }

  #lose(error: TransportError): void {
    this.#end(1006, false, error);
  }

  #end(code: number, wasClean: boolean, error?: TransportError): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.#closing?.cancel();
    // A poll would hold one of the VU's connections for as long as the server likes.
    this.#abort();
    this.#user.closed(code, '', wasClean, error);
  }
}
