/** One message from its first mention, by its publisher or by somebody who got it, until it is settled. */
import type { Beginning, Publication } from './delivery-batch.ts';
import type { SharedId } from './shared-ids.ts';

export class MessageRecord {
  readonly key: string;
  room = -1;
  publisher = -1;
  /** −1 until it is known: an id of the service's own says nothing of it. */
  sequence = -1;
  dueMs = 0;
  sentMs = 0;
  /** 'begun': its publisher has not told yet what became of it. */
  state: 'unknown' | 'begun' | 'published' | 'unpublished' = 'unknown';
  /** The worker of its publisher; −1 until it is known. */
  worker = -1;
  /** When its first arrival was put here; for messages that nobody says to have published. */
  readonly firstSeenMs: number;
  /** By subscriber, the first arrival. */
  readonly arrivals = new Map<number, number>();
  /** Who had it again, each time. */
  readonly repeats: number[] = [];
  /** The service's own id of it, as arrivals name it; undefined: none, or one that is not its alone. */
  ownKey: string | undefined = undefined;
  /** Something came under that id. */
  isHeardById = false;
  /** Its id is another message's too. */
  shared: SharedId | undefined = undefined;
  /** By subscriber, the next number of its publisher in its room; undefined until that is known. */
  expected: Map<number, number> | undefined = undefined;

  constructor(key: string, firstSeenMs: number) {
    this.key = key;
    this.firstSeenMs = firstSeenMs;
  }

  /** What a publication and an arrival name it by. */
  get names(): string[] {
    return this.ownKey === undefined ? [this.key] : [this.key, this.ownKey];
  }

  /** It came behind the drain. Of a message that nobody says to have published nobody can say when that is over. */
  isLate(atMs: number, drainMs: number): boolean {
    return this.state !== 'unknown' && atMs > this.sentMs + drainMs;
  }

  begin({ room, publisher, sequence, dueMs, sentMs }: Beginning, worker: number): void {
    this.room = room;
    this.publisher = publisher;
    this.sequence = sequence;
    this.dueMs = dueMs;
    this.sentMs = sentMs;
    this.worker = worker;
    this.state = 'begun';
  }

  publish(publication: Publication, worker: number): void {
    this.begin(publication, worker);
    this.state = publication.ok ? 'published' : 'unpublished';
  }
}

/** Where a message that nobody has published yet belongs, as its stamp says. */
export interface Stamp {
  readonly room: number;
  readonly publisher: number;
  readonly sequence: number;
}

/** A name that arrivals use is the service's own id, and no stamp. */
export function isOwnKey(key: string): boolean {
  return key.startsWith('#');
}

/** 'nonce.room.publisher.sequence' */
export function writeStamp(nonce: string, { room, publisher, sequence }: Stamp): string {
  return `${nonce}.${room}.${publisher}.${sequence}`;
}

/** undefined: no stamp of this run. */
export function readStamp(key: string, nonce: string): Stamp | undefined {
  if (!key.startsWith(`${nonce}.`)) return undefined;
  const [room, publisher, sequence] = key
    .slice(nonce.length + 1)
    .split('.', 3)
    .map(Number);
  if (!isCount(room) || !isCount(publisher) || !isCount(sequence)) return undefined;
  return { room, publisher, sequence };
}

function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isSafeInteger(value) && value >= 0;
}
