/** A WebSocket as a test holds it. */
import { TestFileError } from '../../../kernel/errors.ts';
import { shown } from '../../../kernel/shown.ts';
import type { SendOptions, Socket, SocketEnd, SocketMessage } from '../../../model/socket.ts';
import { assertKnownOptions } from '../../known-options.ts';
import { HandlerList } from '../sockets/handler-list.ts';
import { assertEvent, assertFunction, assertSendable } from '../sockets/misuse.ts';
import { ReceivedMessage } from './received-message.ts';
import { noOptions } from '../sockets/receiver.ts';
import { SocketBase } from '../sockets/socket-base.ts';

const anything = (): boolean => true;
/** A control frame carries 125 bytes (RFC 6455, section 5.5), and two of them are the code. */
const mostReasonBytes = 123;

export class LiveSocket extends SocketBase<SocketMessage> implements Socket {
  #onMessage: HandlerList<(message: SocketMessage) => void> | undefined;
  /** Those without a pong, by their payload: a server may answer the latest of several alone. */
  #pings: Map<string, { readonly pong: () => void; readonly fail: () => void }> | undefined;
  #pingsSent = 0;

  get protocol(): string {
    return this.attempt.protocol;
  }

  header(name: string): string | undefined {
    return this.attempt.head?.header(name);
  }

  send(data: string | Uint8Array, options?: SendOptions): boolean {
    assertSendable(data);
    if (options !== undefined) assertFragments(options);
    if (!this.write([data], options)) return false;
    this.countSent();
    return true;
  }

  sendJson(value: unknown): boolean {
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined) {
      throw new TestFileError('sendJson was given what JSON cannot hold', {
        hint: 'give it an object, an array or a value',
      });
    }
    return this.send(text);
  }

  async next(predicate: (message: SocketMessage) => boolean = anything, options = noOptions): Promise<SocketMessage> {
    assertFunction("next's predicate", predicate, 'write next((message) => …)');
    return await this.take(predicate, options);
  }

  on(event: 'message', handler: (message: SocketMessage) => void): () => void;
  on(event: 'close', handler: (end: SocketEnd) => void): () => void;
  on(event: 'message' | 'close', handler: ((message: SocketMessage) => void) | ((end: SocketEnd) => void)): () => void {
    assertEvent(event, ['message', 'close']);
    assertFunction("on's handler", handler);
    if (event === 'close') return this.onClose(handler as (end: SocketEnd) => void);
    const handlers = (this.#onMessage ??= new HandlerList());
    const off = handlers.add(handler as (message: SocketMessage) => void);
    this.#seeHandlers(handlers.standing);
    this.offerKept();
    return () => {
      off();
      this.#seeHandlers(handlers.standing);
    };
  }

  #seeHandlers(standing: readonly ((message: SocketMessage) => void)[]): void {
    this.onlyHandler = standing.length === 1 ? standing[0] : undefined;
  }

  ping(options = noOptions): Promise<number | undefined> {
    return new Promise((resolve) => {
      const { clock } = this.settings;
      const payload = String(this.#pingsSent++);
      const over = (tookMs: number | undefined): void => {
        this.#pings?.delete(payload);
        resolve(tookMs);
      };
      const request = this.timed(`PING ${this.attempt.name.replace(/^WS /, '')}`, options, () => {
        over(undefined);
      });
      const fail = (): void => {
        request.end('failed', clock.now(), 'closed', this.gone().message);
        over(undefined);
      };
      const sentMs = clock.now();
      const pong = (): void => {
        const now = clock.now();
        if (request.end('expected', now)) over(now - sentMs);
      };
      (this.#pings ??= new Map()).set(payload, { pong, fail });
      if (this.attempt.connection?.ping?.(Buffer.from(payload)) === true) this.countBytes();
      else fail();
    });
  }

  close(code?: number, reason = ''): Promise<SocketEnd> {
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) {
      return Promise.reject(
        new TestFileError(`a test cannot close a WebSocket with ${code}`, { hint: 'give 1000, or 3000 to 4999' }),
      );
    }
    if (typeof (reason as unknown) !== 'string') {
      const given = shown(reason);
      return Promise.reject(
        new TestFileError(`a test cannot close a WebSocket with the reason ${given}`, {
          hint: 'give a text, or leave it out',
        }),
      );
    }
    const reasonBytes = Buffer.byteLength(reason);
    if (reasonBytes > mostReasonBytes) {
      return Promise.reject(
        new TestFileError(`a test cannot close a WebSocket with a reason of ${reasonBytes} bytes`, {
          hint: `a close frame holds ${mostReasonBytes}`,
        }),
      );
    }
    return this.end((connection) => {
      connection.close(code ?? 1000, reason);
    });
  }

  override message(data: string | Uint8Array): void {
    this.countBytes();
    this.deliver(new ReceivedMessage(data, this.settings.clock.now()));
  }

  override pong(payload: Uint8Array): void {
    super.pong(payload);
    this.#pings?.get(Buffer.from(payload).toString('latin1'))?.pong();
  }

  protected override ended(end: SocketEnd): void {
    super.ended(end);
    for (const { fail } of [...(this.#pings?.values() ?? [])]) fail();
  }

  protected override handle(message: SocketMessage): boolean {
    if (this.onlyHandler !== undefined) {
      this.call(this.onlyHandler, message);
      return true;
    }
    const handlers = this.#onMessage?.standing;
    if (handlers === undefined || handlers.length === 0) return false;
    for (const handler of handlers) this.call(handler, message);
    return true;
  }
}

function assertFragments(options: SendOptions): void {
  assertKnownOptions('send', 'send', options);
  const { fragmentBytes } = options;
  if (Number.isSafeInteger(fragmentBytes) && fragmentBytes >= 1) return;
  throw new TestFileError(`fragmentBytes is ${String(fragmentBytes)}, expected a whole number from 1`, {
    hint: 'leave the options out to send the message in one frame',
  });
}
