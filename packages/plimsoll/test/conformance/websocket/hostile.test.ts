/** Frames made at random and cut anywhere: the client sees the same whatever the cuts, survives whatever comes, and keeps none of it. */
import { isUtf8 } from 'node:buffer';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { deflateRawSync } from 'node:zlib';
import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FrameFault } from '../../../src/protocol/websocket/close-codes.ts';
import { FrameParser } from '../../../src/protocol/websocket/frame-parser.ts';
import { dataFrame } from '../../../src/protocol/websocket/frame-writer.ts';
import {
  deflateMessage,
  MessageInflater,
  type DeflateTerms,
} from '../../../src/protocol/websocket/permessage-deflate.ts';
import type { WebSocketUser } from '../../../src/protocol/websocket/web-socket.ts';
import { WebSocketConnection } from '../../../src/protocol/websocket/web-socket-connection.ts';
import { Sfc32 } from '../../../src/kernel/random.ts';
import { optionsFor, thread } from './clients.ts';
import { clientFrames, close, frame, type FrameShape } from './frames.ts';
import { upgradeAnswer } from './scripted-server.ts';

/** What the parser tells of pieces, faults included. */
function told(pieces: readonly Uint8Array[]): string[] {
  const events: string[] = [];
  const parser = new FrameParser(
    {
      message: (bytes, start, end, isText, isCompressed) => {
        const message = bytes.subarray(start, end);
        // As a connection does it: whole texts are checked at once.
        if (isText && !isCompressed && !isUtf8(message)) throw new FrameFault(1007, 'no UTF-8');
        const payload = Buffer.from(message).toString('hex');
        events.push(`message ${isText} ${isCompressed} ${payload}`);
      },
      control: (opcode, bytes, start, end) => {
        events.push(`control ${opcode} ${Buffer.from(bytes.subarray(start, end)).toString('hex')}`);
      },
    },
    { maxMessageBytes: 5000, mayCompress: true },
  );
  try {
    for (const piece of pieces) {
      // The shared buffer is written over by the next read: whoever kept a view of it would see that.
      const read = Uint8Array.from(piece);
      parser.push(read, 0, read.length);
      read.fill(0xee);
    }
  } catch (error) {
    if (!(error instanceof FrameFault)) throw error;
    events.push(`fault ${error.closeCode}`);
  }
  return events;
}

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  return places.slice(1).map((end, at) => bytes.subarray(places[at], end));
}

const shapes: fc.Arbitrary<FrameShape> = fc.record(
  {
    opcode: fc.constantFrom(0, 0, 1, 1, 1, 2, 2, 8, 9, 10, 3),
    payload: fc.oneof(fc.string({ maxLength: 200 }), fc.uint8Array({ maxLength: 300 })),
    fin: fc.constantFrom(true, true, false),
    rsv: fc.constantFrom(0, 0, 0, 0, 4, 2),
  },
  { requiredKeys: ['opcode'] },
);

property.prop([fc.array(shapes, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 30 })], { numRuns: 3000 })(
  'cuts change nothing',
  (frames, cuts) => {
    const bytes = Buffer.concat(frames.map(frame));
    const whole = told([bytes]);
    const cut = told(cutAt(bytes, cuts));
    // A text in pieces is refused at its first wrong byte and a whole one at its end; nothing is told between the two.
    expect(cut).toEqual(whole);
  },
);

test('20,000 runs of bytes: no crash, no endless loop, and nothing told after a fault', () => {
  const random = new Sfc32(7);
  let faults = 0;
  let messages = 0;
  for (let run = 0; run < 20_000; run++) {
    const length = 1 + Math.floor(random.next() * 120);
    const bytes = Buffer.from(Uint8Array.from({ length }, () => Math.floor(random.next() * 256)));
    // Half of them begin like something.
    if (run % 2 === 0) bytes[0] = [0x81, 0x82, 0x01, 0x88, 0x89, 0xc1][(run >> 1) % 6]!;
    if (run % 2 === 0 && length > 1) bytes[1] = Math.floor(random.next() * 20);
    const events = told(cutAt(bytes, [Math.floor(random.next() * length)]));
    const at = events.findIndex((each) => each.startsWith('fault'));
    expect(at === -1 || at === events.length - 1).toBe(true);
    if (at >= 0) faults++;
    messages += events.filter((each) => each.startsWith('message')).length;
  }
  expect(faults).toBeGreaterThan(10_000);
  expect(messages).toBeGreaterThan(1000);
});

property.prop([fc.oneof(fc.string({ maxLength: 70_000 }), fc.uint8Array({ maxLength: 70_000 })), fc.nat(2 ** 32 - 1)], {
  numRuns: 300,
})('what we write is one masked frame that holds what was given', (data, mask) => {
  const { frames, rest } = clientFrames(dataFrame(data, () => mask / 2 ** 32));
  expect(rest).toHaveLength(0);
  expect(frames).toHaveLength(1);
  expect(frames[0]).toMatchObject({ opcode: typeof data === 'string' ? 1 : 2, isMasked: true });
  expect(frames[0]!.payload.equals(Buffer.from(data))).toBe(true);
});

describe('no growth', () => {
  const maxMessageBytes = 200_000;
  const mebibyte = 1024 * 1024;
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;

  /** What lives when all garbage has gone: on the heap, and in buffers. */
  async function livingBytes(): Promise<number> {
    // What one collection lets go of may hold what the next one finds.
    for (let round = 0; round < 3; round++) {
      await new Promise((resolve) => setImmediate(resolve));
      collect();
    }
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  }

  const termsWhere = (serverKeepsNoContext: boolean): DeflateTerms => ({
    serverKeepsNoContext,
    serverWindowBits: 15,
    clientWindowBits: 15,
  });

  /** As a connection puts them together. */
  class Client {
    messages = 0;
    messageBytes = 0;
    readonly #inflater: MessageInflater;
    readonly #parser = new FrameParser(
      {
        message: (bytes, start, end, _, isCompressed) => {
          this.messages++;
          this.messageBytes += isCompressed ? this.#inflater.inflate(bytes, start, end).length : end - start;
        },
        control: () => undefined,
      },
      { maxMessageBytes, mayCompress: true },
    );

    constructor(serverKeepsNoContext = false) {
      this.#inflater = new MessageInflater(termsWhere(serverKeepsNoContext), maxMessageBytes);
    }

    /** In pieces of the size of a read. Gives back the code of the fault. */
    read(bytes: Uint8Array, pieceBytes: number): number | undefined {
      try {
        for (let at = 0; at < bytes.length; at += pieceBytes) {
          this.#parser.push(bytes, at, Math.min(bytes.length, at + pieceBytes));
        }
        return undefined;
      } catch (error) {
        if (!(error instanceof FrameFault)) throw error;
        return error.closeCode;
      }
    }
  }

  const random = new Sfc32(11);
  const upTo = (most: number): number => Math.floor(random.next() * most);
  const noise = (length: number): Buffer =>
    Buffer.from(Uint8Array.from({ length }, () => (random.next() < 0.7 ? 0x61 : upTo(256))));
  const samples = Array.from({ length: 40 }, (_, at) => noise(at % 4 === 0 ? 100_000 : upTo(20_000)));
  const deflated = samples.map((sample) => deflateMessage(sample, termsWhere(true))!);
  /** A message whole, or in fragments with pings between them; plain or compressed. */
  function message(at: number): Buffer {
    const isCompressed = random.next() < 0.5;
    const payload = (isCompressed ? deflated : samples)[at % samples.length]!;
    const size = random.next() < 0.5 ? payload.length : 1 + upTo(payload.length);
    const frames: Buffer[] = [];
    for (let from = 0; from === 0 || from < payload.length; from += size) {
      frames.push(
        frame({
          opcode: from === 0 ? 2 : 0,
          payload: payload.subarray(from, from + size),
          fin: from + size >= payload.length,
          rsv: from === 0 && isCompressed ? 4 : 0,
        }),
        frame({ opcode: 9, payload: 'x' }),
      );
    }
    // A ping behind the last one stands between two messages.
    return Buffer.concat(frames);
  }

  /** Both ways to inflate: with the window of the connection, and with what the connections of the thread share. */
  describe.each([
    ['its context', false],
    ['none', true],
  ])('where the server keeps %s', (_context, serverKeepsNoContext) => {
    test('a connection through which 50 MB have gone keeps no more than one through which 5 have', async () => {
      const client = new Client(serverKeepsNoContext);
      const feed = (megabytes: number): void => {
        for (let at = 0; client.messageBytes < megabytes * 1e6; at++) {
          expect(client.read(message(at), 1 + upTo(65_536))).toBe(undefined);
        }
      };
      feed(5);
      const before = await livingBytes();
      feed(50);
      expect(client.messages).toBeGreaterThan(1000);
      expect((await livingBytes()) - before).toBeLessThan(mebibyte);
    });

    const extensions = `permessage-deflate${serverKeepsNoContext ? '; server_no_context_takeover' : ''}`;

    /** Upgrades whoever comes, reads and forgets what they send, and plays to each of them. */
    async function playing(play: (socket: Socket, say: (bytes: Uint8Array) => Promise<void>) => Promise<void>) {
      const server = createServer((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', (request: Buffer) => {
          socket.write(upgradeAnswer(request.toString('latin1'), { extensions }), 'latin1');
          socket.resume();
          void play(socket, async (bytes) => {
            if (!socket.write(bytes)) await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
          });
        });
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      onTestFinished(() => {
        server.close();
      });
      return (server.address() as AddressInfo).port;
    }

    class Heard {
      messageBytes = 0;
      pings = 0;
      readonly connection: WebSocketConnection;
      readonly closed: Promise<unknown>;

      constructor(port: number) {
        let isClosed: (how: unknown) => void;
        this.closed = new Promise((resolve) => (isClosed = resolve));
        const user: WebSocketUser = {
          opened: () => undefined,
          refused: ({ error }) => {
            isClosed(error);
          },
          message: (data) => (this.messageBytes += data.length),
          pong: () => undefined,
          pinged: () => this.pings++,
          closed: (code, reason, wasClean, error) => {
            isClosed({ code, reason, wasClean, ...(error !== undefined && { error: error.code }) });
          },
        };
        const options = optionsFor(port, { maxMessageBytes, deflate: { thresholdBytes: 0 } });
        this.connection = new WebSocketConnection(options, thread, user, () => random.next());
      }
    }

    const pings = (count: number): Buffer =>
      Buffer.concat(Array.from({ length: count }, () => frame({ opcode: 9, payload: 'x'.repeat(125) })));
    const goodBye = { code: 1001, reason: 'bye', wasClean: true };

    test('a whole connection: messages, a flood of pings, read or not, and the closing handshake', async () => {
      const flood = pings(1000);
      let rests = 0;
      const gates = Array.from({ length: 3 }, () => {
        let open: () => void = () => undefined;
        const opened = new Promise<void>((resolve) => (open = resolve));
        return { open, opened };
      });
      const port = await playing(async (socket, say) => {
        for (const [at, megabytes] of [6, 31].entries()) {
          while (heard.messageBytes < megabytes * 1e6) {
            await say(message(upTo(samples.length)));
            if (random.next() < 0.1) await say(flood);
          }
          rests++;
          await gates[at]!.opened;
        }
        socket.pause();
        for (let at = 0; at < 100; at++) await say(flood);
        await gates[2]!.opened;
        socket.resume();
        socket.end(close(1001, 'bye'));
      });
      const heard = new Heard(port);
      // What is on its way when the server rests is soon gone.
      const growth = async (): Promise<number> => (await livingBytes()) - before;
      await expect.poll(() => rests, { timeout: 20_000 }).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 200));
      const before = await livingBytes();
      gates[0]!.open();
      await expect.poll(() => rests, { timeout: 30_000 }).toBe(2);
      expect(heard.pings).toBeGreaterThan(10_000);
      await expect.poll(growth, { timeout: 5000 }).toBeLessThan(mebibyte);
      const pinged = heard.pings;
      gates[1]!.open();
      await expect.poll(() => heard.pings, { timeout: 20_000 }).toBeGreaterThanOrEqual(pinged + 100_000);
      expect(heard.connection.bufferedBytes).toBeLessThan(100_000);
      await expect.poll(growth, { timeout: 5000 }).toBeLessThan(mebibyte);
      gates[2]!.open();
      expect(await heard.closed).toEqual(goodBye);
    });

    test('200 connections that stood, were talked to and closed in order leave nothing behind', async () => {
      const some = pings(50);
      const port = await playing(async (socket, say) => {
        await say(message(upTo(samples.length)));
        await say(some);
        socket.end(close(1001, 'bye'));
      });
      const run = async (count: number): Promise<void> => {
        for (let at = 0; at < count; at++) expect(await new Heard(port).closed).toEqual(goodBye);
      };
      await run(50);
      const before = await livingBytes();
      await run(200);
      // What the system still holds of the last ones is soon gone.
      await expect.poll(async () => (await livingBytes()) - before, { timeout: 5000 }).toBeLessThan(mebibyte);
    });

    const whole = frame({ opcode: 2, rsv: 4, payload: deflated[0]! });
    const bomb = frame({ opcode: 2, rsv: 4, payload: deflateRawSync(Buffer.alloc(20 * mebibyte), { finishFlush: 2 }) });

    test('100 connections that were sent a bomb leave nothing behind, and hinder no other', async () => {
      const port = await playing(async (_, say) => {
        await say(whole);
        await say(bomb);
      });
      const run = async (count: number): Promise<void> => {
        for (let at = 0; at < count; at++) {
          const [bombed, other] = [new Heard(port), new Client(serverKeepsNoContext)];
          expect(await bombed.closed).toEqual({ code: 1006, reason: '', wasClean: false, error: '1009' });
          expect(bombed.messageBytes).toBe(samples[0]!.length);
          expect(other.read(whole, 1 + upTo(65_536))).toBe(undefined);
          expect(other.messageBytes).toBe(samples[0]!.length);
        }
      };
      await run(20);
      const before = await livingBytes();
      await run(100);
      await expect.poll(async () => (await livingBytes()) - before, { timeout: 5000 }).toBeLessThan(mebibyte);
    });

    test('of a message of 16 MiB nothing is kept, nor of a bomb beyond it', async () => {
      const inflater = new MessageInflater(termsWhere(serverKeepsNoContext), 16 * mebibyte);
      const inflate = (bytes: number): number => {
        const payload = deflateMessage(Buffer.alloc(bytes), termsWhere(true))!;
        return inflater.inflate(payload, 0, payload.length).length;
      };
      inflate(1);
      const before = await livingBytes();
      expect(inflate(16 * mebibyte)).toBe(16 * mebibyte);
      expect((await livingBytes()) - before).toBeLessThan(mebibyte);
      expect(() => inflate(200 * mebibyte)).toThrow(FrameFault);
      expect((await livingBytes()) - before).toBeLessThan(mebibyte);
    });

    test('2,000 connections that end in a fault leave nothing behind', async () => {
      const faults = new Map<number | undefined, number>();
      const run = (from: number, to: number): void => {
        for (let at = from; at < to; at++) {
          const bytes = at % 50 === 0 ? bomb : Buffer.concat([message(at), message(at + 1)]);
          // One byte is another: in the head, in the deflate data, or in what is none's business.
          if (at % 50 !== 0) bytes[upTo(at % 3 === 0 ? 4 : bytes.length)]! ^= 1 + upTo(255);
          const code = new Client(serverKeepsNoContext).read(bytes, 1 + upTo(65_536));
          faults.set(code, (faults.get(code) ?? 0) + 1);
        }
      };
      run(0, 200);
      const before = await livingBytes();
      run(200, 2000);
      expect((await livingBytes()) - before).toBeLessThan(mebibyte);
      // Broken rules, deflate data that are none, messages that grow too large.
      for (const code of [1002, 1007, 1009]) expect(faults.get(code), String(code)).toBeGreaterThan(20);
    });
  });

  test.each([
    ['of nothing', ''],
    ['of one byte', 'x'],
  ])('a message of 150,000 fragments %s needs no more than its bytes', async (_, payload) => {
    const client = new Client();
    const fragment = frame({ opcode: 0, payload, fin: false });
    client.read(frame({ opcode: 1, payload, fin: false }), 100);
    const before = await livingBytes();
    for (let at = 0; at < 150_000; at++) client.read(fragment, 100);
    expect((await livingBytes()) - before).toBeLessThan(mebibyte);
    client.read(frame({ opcode: 0, payload }), 100);
    expect([client.messages, client.messageBytes]).toEqual([1, 150_002 * payload.length]);
  });
});
