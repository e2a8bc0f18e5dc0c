/**
 * The header by which a request tells its trace (W3C Trace Context, level 1): version, trace id, parent id, flags. The
 * random bytes are asked for in one go, because asking the system for each request's alone takes longer than making it.
 */
import { builtIn } from '../../kernel/built-in.ts';

const traceIdBytes = 16;
const parentIdBytes = 8;
const drawBytes = 4;
const bytesEach = traceIdBytes + parentIdBytes + drawBytes;
const poolTraces = 256;
// The standard calls them invalid.
const zeroTraceId = '0'.repeat(2 * traceIdBytes);
const zeroParentId = '0'.repeat(2 * parentIdBytes);
/** The flags at a header's end. */
export const asksToBeRecorded = '01';

/** Fills all of the buffer with random bytes. */
type Fill = (pool: Buffer) => void;

const fillFromSystem: Fill = (pool) => {
  builtIn.crypto().randomFillSync(pool);
};

export class Traceparents {
  readonly #fill: Fill;
  readonly #pool = Buffer.alloc(bytesEach * poolTraces);
  #used = poolTraces;

  constructor(fill: Fill = fillFromSystem) {
    this.#fill = fill;
  }

  /**
   * A header that no other request has.
   *
   * @param sampled share of them, from 0 to 1, that ask to be recorded
   */
  next(sampled: number): string {
    for (;;) {
      const from = this.#nextOffset();
      const ids = this.#pool.toString('hex', from, from + traceIdBytes + parentIdBytes);
      const traceId = ids.slice(0, 2 * traceIdBytes);
      const parentId = ids.slice(2 * traceIdBytes);
      if (traceId === zeroTraceId || parentId === zeroParentId) continue;
      const draw = this.#pool.readUInt32LE(from + traceIdBytes + parentIdBytes) / 0x1_0000_0000;
      return `00-${traceId}-${parentId}-${draw < sampled ? asksToBeRecorded : '00'}`;
    }
  }

  #nextOffset(): number {
    if (this.#used === poolTraces) {
      this.#fill(this.#pool);
      this.#used = 0;
    }
    return bytesEach * this.#used++;
  }
}

/** Later versions may say more behind the flags; this one must not. */
const wellFormed = /^\s*(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?\s*$/;

/** Of a header of our own. */
export function ownTraceId(traceparent: string): string {
  return traceparent.slice(3, 3 + 2 * traceIdBytes);
}

/** Of any header: '' where it is not well-formed. */
export function traceIdOf(traceparent: string): string {
  const [, version, traceId = '', rest] = wellFormed.exec(traceparent) ?? [];
  return version === '00' && rest !== undefined ? '' : traceId;
}
