/**
 * permessage-deflate as a client (RFC 7692). Messages are inflated one at a time and at once, so that order is kept
 * without a queue. Connections whose server keeps no context hold no memory for it at all, and share one inflater if their
 * window is the usual one. Those whose server keeps it have a window each, which is given as a dictionary. What is sent is
 * deflated without context, which a client may always do.
 */
import { builtIn } from '../../kernel/built-in.ts';
import { closeCodes, FrameFault } from './close-codes.ts';
import { InflatedTooLong, isDataFault, SharedInflater } from './shared-inflater.ts';

export interface DeflateTerms {
  /** false: the server goes on with the window of its last message, and so must we. */
  readonly serverKeepsNoContext: boolean;
  /** 8 to 15, of what the server sends. */
  readonly serverWindowBits: number;
  /** 8 to 15, of what we send. */
  readonly clientWindowBits: number;
}

export interface DeflateOffer {
  /** Asks the server to forget its window after each message: less memory on both sides, less compression. */
  readonly serverNoContextTakeover?: boolean;
}

export function offerOf({ serverNoContextTakeover = false }: DeflateOffer): string {
  return `permessage-deflate; client_max_window_bits${serverNoContextTakeover ? '; server_no_context_takeover' : ''}`;
}

/** What the server made of the offer, or why it may not have (RFC 7692, section 7.1). `answer`: parameters after the name. */
export function acceptTerms(
  answer: readonly (readonly [string, string | undefined])[],
  offer: DeflateOffer,
): DeflateTerms {
  const seen = new Set<string>();
  let serverKeepsNoContext = false;
  let serverWindowBits = 15;
  let clientWindowBits = 15;
  for (const [name, value] of answer) {
    if (seen.has(name)) throw new Error(`it names ${name} twice`);
    seen.add(name);
    switch (name) {
      case 'server_no_context_takeover':
      case 'client_no_context_takeover':
        if (value !== undefined) throw new Error(`${name} takes no value`);
        if (name === 'server_no_context_takeover') serverKeepsNoContext = true;
        break;
      case 'server_max_window_bits':
        serverWindowBits = windowBits(name, value);
        break;
      case 'client_max_window_bits':
        clientWindowBits = windowBits(name, value);
        break;
      default:
        throw new Error(`nobody knows ${name}`);
    }
  }
  if (offer.serverNoContextTakeover === true && !serverKeepsNoContext) {
    throw new Error('it does not keep to server_no_context_takeover');
  }
  return { serverKeepsNoContext, serverWindowBits, clientWindowBits };
}

function windowBits(name: string, value: string | undefined): number {
  if (value !== undefined && /^(?:[89]|1[0-5])$/.test(value)) return Number(value);
  throw new Error(`${name} must be 8 to 15`);
}

const tail = Buffer.from([0x00, 0x00, 0xff, 0xff]);
/** A deflate stream of nothing, its tail taken off. */
const emptyMessage = Buffer.from([0x00]);
/** zlib makes no raw stream with a window of 256 bytes. */
const leastWindowBits = 9;

/** This thread's, made when it is first needed; null: this version of Node lets us make none. */
let shared: SharedInflater | null | undefined;

/** It has the largest window, and would read what a server sends that does not keep to a smaller one. */
function sharedInflater({ serverKeepsNoContext, serverWindowBits }: DeflateTerms): SharedInflater | null {
  if (!serverKeepsNoContext || serverWindowBits !== 15) return null;
  return (shared ??= SharedInflater.make() ?? null);
}

/** Inflates the messages of one connection, in their order. */
export class MessageInflater {
  readonly #terms: DeflateTerms;
  readonly #maxMessageBytes: number;
  #window: Buffer | undefined;

  constructor(terms: DeflateTerms, maxMessageBytes: number) {
    this.#terms = terms;
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** Valid until the next message of any connection. Errors: FrameFault. */
  inflate(bytes: Uint8Array, start: number, end: number): Buffer {
    const mostBytes = Math.max(1, this.#maxMessageBytes);
    try {
      const inflater = sharedInflater(this.#terms);
      if (inflater !== null) return inflater.inflate(bytes, start, end, mostBytes);
      const message = this.#inflateAlone(bytes, start, end, mostBytes);
      if (!this.#terms.serverKeepsNoContext) this.#remember(message);
      return message;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (error instanceof InflatedTooLong || code === 'ERR_BUFFER_TOO_LARGE') {
        throw new FrameFault(closeCodes.tooBig, `a message of more than ${this.#maxMessageBytes} bytes inflated`);
      }
      if (isDataFault(error)) throw new FrameFault(closeCodes.badData, `a message that does not inflate: ${message}`);
      // A want of memory, most likely: it costs this connection, and not the run.
      throw new FrameFault(closeCodes.tooBig, `a message that could not be inflated here: ${message}`);
    }
  }

  #inflateAlone(bytes: Uint8Array, start: number, end: number, mostBytes: number): Buffer {
    const deflated = Buffer.allocUnsafe(end - start + tail.length);
    deflated.set(bytes.subarray(start, end));
    tail.copy(deflated, end - start);
    const { constants, inflateRawSync } = builtIn.zlib();
    return inflateRawSync(deflated, {
      finishFlush: constants.Z_SYNC_FLUSH,
      windowBits: Math.max(this.#terms.serverWindowBits, leastWindowBits),
      maxOutputLength: mostBytes,
      ...(this.#window !== undefined && this.#window.length > 0 && { dictionary: this.#window }),
    });
  }

  #remember(message: Buffer): void {
    const size = 2 ** Math.max(this.#terms.serverWindowBits, leastWindowBits);
    const before = this.#window ?? Buffer.alloc(0);
    if (message.length >= size) {
      this.#window = Buffer.from(message.subarray(message.length - size));
    } else {
      const kept = before.subarray(Math.max(0, before.length + message.length - size));
      this.#window = Buffer.concat([kept, message]);
    }
  }
}

/** undefined: the terms leave no window that we could deflate with; the message goes as it is. */
export function deflateMessage(data: string | Uint8Array, { clientWindowBits }: DeflateTerms): Buffer | undefined {
  if (clientWindowBits < leastWindowBits) return undefined;
  const { constants, deflateRawSync } = builtIn.zlib();
  const deflated = deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH, windowBits: clientWindowBits });
  return deflated.length <= tail.length ? emptyMessage : deflated.subarray(0, deflated.length - tail.length);
}
