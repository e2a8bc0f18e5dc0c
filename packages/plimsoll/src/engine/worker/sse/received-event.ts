/** One event as a test sees it. */
import type { StreamEvent } from '../../../model/sse.ts';
import { parsedJson } from '../ws/received-message.ts';

export class ReceivedEvent implements StreamEvent {
  readonly type: string;
  readonly data: string;
  readonly id: string;
  readonly receivedMs: number;

  constructor(type: string, data: string, id: string, receivedMs: number) {
    this.type = type;
    this.data = data;
    this.id = id;
    this.receivedMs = receivedMs;
  }

  json<T = unknown>(): T {
    return parsedJson(this.data, 'the data of the event') as T;
  }
}
