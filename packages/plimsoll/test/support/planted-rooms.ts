/**
 * A server of rooms over WebSockets and Socket.IO that misbehaves exactly as it was told, and counts what it did. Clients say
 * `{ join, subscriber }` and `{ publish: room, stamp }`; what is published goes to its room as `{ room, stamp }`. Over
 * Socket.IO these are the events 'join', with all rooms at once, 'publish' and 'said'.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { WebSocketServer } from 'ws';

/** Of subscriber and room; every n-th message of the room, from the n-th on. */
export interface PlantedFaults {
  readonly drop?: { readonly subscriber: number; readonly every: number };
  readonly duplicate?: { readonly subscriber: number; readonly every: number };
  /** The n-th is sent after the one that follows it. */
  readonly swap?: { readonly subscriber: number; readonly every: number };
  /** Sent so much later. The n-th, and only of the first `upTo` messages. */
  readonly late?: {
    readonly subscriber: number;
    readonly every: number;
    readonly upTo: number;
    readonly byMs: number;
  };
  /** Each message to this one. */
  readonly lag?: { readonly subscriber: number; readonly byMs: number };
  readonly delay?: { readonly room: number; readonly byMs: number };
  /** To somebody outside of the room. */
  readonly leak?: { readonly room: number; readonly subscriber: number; readonly every: number };
  /** Answers to joins of these subscribers come so late; the room is joined at once. */
  readonly lateJoin?: { readonly subscribers: readonly number[]; readonly byMs: number };
}

export interface PlantedCounts {
  published: number;
  sent: number;
  dropped: number;
  duplicated: number;
  swapped: number;
  /** Of the swapped pairs, those of one publisher: only these have an order. */
  reordered: number;
  late: number;
  leaked: number;
  /** Joins, whoever made them. */
  joined: number;
}

interface Message {
  readonly room: number;
  /** On the clock that all processes of a machine share; undefined: its publisher has not said. */
  readonly dueMs?: number | undefined;
  /** nonce.room.publisher.sequence, or whatever the publisher said. */
  readonly stamp?: string;
  /** Of an event of the server's own. */
  readonly source?: string;
  readonly sequence?: number;
}

interface Peer {
  send(message: Message): void;
  cut(): void;
  onceGone(gone: () => void): void;
}

interface Member {
  readonly peer: Peer;
  readonly subscriber: number;
  /** A message held back for the next one. */
  held: Message | undefined;
}

export class PlantedRooms {
  readonly counts: PlantedCounts = {
    published: 0,
    sent: 0,
    dropped: 0,
    duplicated: 0,
    swapped: 0,
    reordered: 0,
    late: 0,
    leaked: 0,
    joined: 0,
  };
  /** By room: of each delivery, how long after the message was due it was handed to the socket. */
  readonly sentAfterMs: number[][] = [];
  readonly #http = createServer((_, response) => response.end('ok'));
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #io = new Server({ destroyUpgrade: false });
  readonly #faults: PlantedFaults;
  readonly #rooms = new Map<number, Map<number, Member>>();
  readonly #numbers = new Map<number, number>();

  constructor(faults: PlantedFaults = {}) {
    this.#faults = faults;
    this.#http.on('upgrade', (request, socket, head) => {
      if (request.url?.startsWith('/socket.io/') === true) return;
      this.#server.handleUpgrade(request, socket, head, (each) => this.#server.emit('connection', each));
    });
    this.#io.attach(this.#http);
    this.#serveWebSockets();
    this.#serveSocketIo();
  }

  async listen(): Promise<string> {
    await new Promise<void>((ready) => this.#http.listen(0, '127.0.0.1', ready));
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    await this.#io.close();
  }

  /** An event of the server's own: the next of its source in the room. */
  tell(room: number, source: string): void {
    this.#publish(room, (number) => ({ source, sequence: number }));
  }

  /** Ends the connection of a subscriber, as a service does that has had enough of it. */
  cut(subscriber: number): void {
    for (const members of this.#rooms.values()) members.get(subscriber)?.peer.cut();
  }

  #serveWebSockets(): void {
    this.#server.on('connection', (socket) => {
      const peer: Peer = {
        send: (message) => {
          socket.send(JSON.stringify(message));
        },
        cut: () => {
          socket.close(1012, 'planted');
        },
        onceGone: (gone) => socket.once('close', gone),
      };
      socket.on('error', () => undefined);
      socket.on('message', (data: Buffer) => {
        const said = JSON.parse(data.toString('utf8')) as Record<string, unknown>;
        const { join, subscriber, publish, stamp, dueMs } = said;
        if (typeof join === 'number') {
          this.#join(peer, [join], subscriber as number, () => {
            socket.send(JSON.stringify({ joined: join }));
          });
        } else if (typeof publish === 'number') {
          this.#publish(publish, () => ({ stamp: stamp as string, dueMs: dueMs as number | undefined }));
        }
      });
    });
  }

  #serveSocketIo(): void {
    this.#io.on('connection', (socket) => {
      const peer: Peer = {
        send: (message) => {
          socket.emit('said', message);
        },
        cut: () => {
          socket.conn.close();
        },
        onceGone: (gone) => socket.once('disconnect', gone),
      };
      socket.on('join', (rooms: readonly number[], subscriber: number, acknowledge: () => void) => {
        this.#join(peer, rooms, subscriber, acknowledge);
      });
      socket.on('publish', (room: number, stamp: string) => {
        this.#publish(room, () => ({ stamp }));
      });
    });
  }

  #join(peer: Peer, rooms: readonly number[], subscriber: number, answer: () => void): void {
    for (const room of rooms) {
      this.counts.joined++;
      const members = this.#rooms.get(room) ?? new Map<number, Member>();
      this.#rooms.set(room, members.set(subscriber, { peer, subscriber, held: undefined }));
      peer.onceGone(() => {
        if (members.get(subscriber)?.peer === peer) members.delete(subscriber);
      });
    }
    const { lateJoin } = this.#faults;
    if (lateJoin?.subscribers.includes(subscriber) === true) setTimeout(answer, lateJoin.byMs);
    else answer();
  }

  #publish(room: number, content: (number: number) => Partial<Message>): void {
    const number = (this.#numbers.get(room) ?? 0) + 1;
    this.#numbers.set(room, number);
    this.counts.published++;
    const { delay, leak } = this.#faults;
    const message: Message = { room, ...content(number) };
    const send = (): void => {
      for (const member of this.#rooms.get(room)?.values() ?? []) this.#deliver(member, message, number);
    };
    if (delay?.room === room) setTimeout(send, delay.byMs);
    else send();
    if (leak?.room === room && number % leak.every === 0) this.#leak(leak.subscriber, message);
  }

  #deliver(member: Member, message: Message, number: number): void {
    const { drop, duplicate, swap, late, lag } = this.#faults;
    const hits = (fault: { readonly subscriber: number; readonly every: number } | undefined): boolean =>
      fault?.subscriber === member.subscriber && number % fault.every === 0;
    if (hits(drop)) {
      this.counts.dropped++;
      return;
    }
    if (late !== undefined && number <= late.upTo && hits(late)) {
      this.counts.late++;
      setTimeout(() => {
        this.#send(member, message);
      }, late.byMs);
      return;
    }
    if (lag?.subscriber === member.subscriber) {
      setTimeout(() => {
        this.#send(member, message);
      }, lag.byMs);
      return;
    }
    if (hits(swap)) {
      member.held = message;
      return;
    }
    this.#send(member, message);
    if (hits(duplicate)) {
      this.counts.duplicated++;
      this.#send(member, message);
    }
    if (member.held === undefined) return;
    this.counts.swapped++;
    if (publisherOf(member.held) === publisherOf(message)) this.counts.reordered++;
    this.#send(member, member.held);
    member.held = undefined;
  }

  #leak(subscriber: number, message: Message): void {
    for (const members of this.#rooms.values()) {
      const member = members.get(subscriber);
      if (member === undefined) continue;
      this.counts.leaked++;
      member.peer.send(message);
      return;
    }
  }

  #send({ peer }: Member, message: Message): void {
    this.counts.sent++;
    if (message.dueMs !== undefined) (this.sentAfterMs[message.room] ??= []).push(sharedMs() - message.dueMs);
    peer.send(message);
  }
}

function publisherOf({ stamp, source }: Message): string | undefined {
  return source ?? stamp?.split('.')[2];
}

/** The axis of the tool's own clock, read without it. */
function sharedMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
