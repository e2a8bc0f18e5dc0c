/** One message as a test sees it; read only where it is asked for. */
import type { SocketMessage } from '../../../model/socket.ts';

export class ReceivedMessage implements SocketMessage {
  readonly data: string | Uint8Array;
  readonly receivedMs: number;

  constructor(data: string | Uint8Array, receivedMs: number) {
    this.data = data;
    this.receivedMs = receivedMs;
  }

  get isBinary(): boolean {
    return typeof this.data !== 'string';
  }

  text(): string {
    return typeof this.data === 'string' ? this.data : Buffer.from(this.data).toString('utf8');
  }

  json<T = unknown>(): T {
    return parsedJson(this.text(), 'the message') as T;
  }
}

/** Errors: that the text is not JSON, with its beginning. */
export function parsedJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const start = text.length > 60 ? `${text.slice(0, 60)}…` : text;
    throw new Error(`${what} is not JSON: ${start}`, { cause: error });
  }
}
