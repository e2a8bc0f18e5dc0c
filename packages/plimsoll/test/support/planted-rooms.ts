/**
 * A server of rooms over WebSockets that misbehaves exactly as it was told, and counts what it did. Clients say
 * `{ join, subscriber }` and `{ publish: room, stamp }`; what is published goes to its room as `{ room, stamp, sentMs }`.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';

/** Of subscriber and room; every n-th message of the room, from the n-th on. */
export interface PlantedFaults {
  readonly drop?: { readonly subscriber: number; readonly every: number };
  readonly duplicate?: { readonly subscriber: number; readonly every: number };
  /** The n-th is sent after the one that follows it. */
  readonly swap?: { readonly subscriber: number; readonly every: number };
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
  leaked: number;
  /** Joins, whoever made them. */
  joined: number;
}

interface Member {
  readonly socket: WebSocket;
  readonly subscriber: number;
  /** A message held back for the next one. */
  held: string | undefined;
}

export class PlantedRooms {
  readonly counts: PlantedCounts = {
    published: 0,
    sent: 0,
    dropped: 0,
    duplicated: 0,
    swapped: 0,
    leaked: 0,
    joined: 0,
  };
  readonly #http = createServer((_, response) => response.end('ok'));
  readonly #server = new WebSocketServer({ server: this.#http });
  readonly #faults: PlantedFaults;
  readonly #rooms = new Map<number, Map<number, Member>>();
  readonly #numbers = new Map<number, number>();

  constructor(faults: PlantedFaults = {}) {
    this.#faults = faults;
    this.#server.on('connection', (socket) => {
      socket.on('error', () => undefined);
      socket.on('message', (data: Buffer) => {
        this.#receive(socket, JSON.parse(data.toString('utf8')) as Record<string, unknown>);
      });
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((ready) => this.#http.listen(0, '127.0.0.1', ready));
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    await new Promise((closed) => this.#http.close(closed));
  }

  #receive(socket: WebSocket, message: Record<string, unknown>): void {
    if (typeof message['join'] === 'number') this.#join(socket, message['join'], message['subscriber'] as number);
    else if (typeof message['publish'] === 'number') this.#publish(message['publish'], message['stamp'] as string);
  }

  #join(socket: WebSocket, room: number, subscriber: number): void {
    this.counts.joined++;
    const members = this.#rooms.get(room) ?? new Map<number, Member>();
    this.#rooms.set(room, members.set(subscriber, { socket, subscriber, held: undefined }));
    socket.once('close', () => {
      if (members.get(subscriber)?.socket === socket) members.delete(subscriber);
    });
    const answer = (): void => socket.send(JSON.stringify({ joined: room }));
    const { lateJoin } = this.#faults;
    if (lateJoin?.subscribers.includes(subscriber) === true) setTimeout(answer, lateJoin.byMs);
    else answer();
  }

  #publish(room: number, stamp: string): void {
    const number = (this.#numbers.get(room) ?? 0) + 1;
    this.#numbers.set(room, number);
    this.counts.published++;
    const { delay, leak } = this.#faults;
    const text = JSON.stringify({ room, stamp, sentMs: performance.timeOrigin + performance.now() });
    const send = (): void => {
      for (const member of this.#rooms.get(room)?.values() ?? []) this.#deliver(member, text, number);
    };
    if (delay?.room === room) setTimeout(send, delay.byMs);
    else send();
    if (leak?.room === room && number % leak.every === 0) this.#leak(leak.subscriber, text);
  }

  #deliver(member: Member, text: string, number: number): void {
    const { drop, duplicate, swap } = this.#faults;
    const hits = (fault: { readonly subscriber: number; readonly every: number } | undefined): boolean =>
      fault?.subscriber === member.subscriber && number % fault.every === 0;
    if (hits(drop)) {
      this.counts.dropped++;
      return;
    }
    if (hits(swap)) {
      member.held = text;
      return;
    }
    this.#send(member, text);
    if (hits(duplicate)) {
      this.counts.duplicated++;
      this.#send(member, text);
    }
    if (member.held === undefined) return;
    this.counts.swapped++;
    this.#send(member, member.held);
    member.held = undefined;
  }

  #leak(subscriber: number, text: string): void {
    for (const members of this.#rooms.values()) {
      const member = members.get(subscriber);
      if (member === undefined) continue;
      this.counts.leaked++;
      member.socket.send(text);
      return;
    }
  }

  #send({ socket }: Member, text: string): void {
    this.counts.sent++;
    socket.send(text);
  }
}
