/**
 * Histograms as HdrHistogram's V2 encoding, compressed, in base64 ('HISTF…'), which the HdrHistogram tools read.
 *
 * All numbers are big-endian. Outside: int32 cookie, int32 length, zlib stream. Inside it: int32 cookie, int32 length of
 * the payload, int32 normalising offset, int32 significant digits, int64 lowest discernible value, int64 highest value,
 * double conversion ratio, payload. The payload is the counters in order as ZigZag LEB128 (9 bytes at most); a run of
 * n > 1 zeros is the one value −n; what follows the last counter in use is left out.
 *
 * Source: HdrHistogram's `AbstractHistogram.encodeIntoByteBuffer` and `ZigZagEncoding` (public domain).
 */
import { deflateSync, inflateSync } from 'node:zlib';
import { PlimsollError, exitCodes } from '../kernel/errors.ts';
import { Histogram, highestOfCell, histogramCells, histogramLimitUs, lowestOfCell, middleOfCell } from './histogram.ts';
import { whileUnchanged } from './while-unchanged.ts';

const cookie = 0x1c84_9313;
const compressedCookie = 0x1c84_9314;
const headerBytes = 40;
const significantDigits = 3;
/** Far above the largest histogram of this layout: a damaged text must not eat the memory. */
const maxInflatedBytes = 1 << 22;

/** A stored histogram that is damaged or has another layout than unit 1 and 3 significant digits. */
export class HistogramFormatError extends PlimsollError {
  readonly code = 'HISTOGRAM_FORMAT';
  readonly exitCode = exitCodes.usage;
}

/** The counters only: exact sum, minimum, maximum and the number of clamped values are not part of the format. */
export const encodeHdrV2 = whileUnchanged((histogram: Histogram): string => {
  const payload: number[] = [];
  let next = 0;
  histogram.forEachCell((cell, count) => {
    const zeros = cell - next;
    if (zeros > 0) pushZigZag(payload, zeros === 1 ? 0 : -zeros);
    pushZigZag(payload, count);
    next = cell + 1;
  });
  const inner = Buffer.alloc(headerBytes + payload.length);
  inner.writeInt32BE(cookie, 0);
  inner.writeInt32BE(payload.length, 4);
  inner.writeInt32BE(0, 8);
  inner.writeInt32BE(significantDigits, 12);
  inner.writeBigInt64BE(1n, 16);
  inner.writeBigInt64BE(BigInt(histogramLimitUs), 24);
  inner.writeDoubleBE(1, 32);
  inner.set(payload, headerBytes);
  const compressed = deflateSync(inner);
  const outer = Buffer.alloc(8);
  outer.writeInt32BE(compressedCookie, 0);
  outer.writeInt32BE(compressed.length, 4);
  return Buffer.concat([outer, compressed]).toString('base64');
});

/**
 * Reads what `encodeHdrV2` or another HdrHistogram tool wrote with 3 significant digits and unit 1. Sum, minimum and
 * maximum come from the cells, so they are right within 0.1 %; values above 2³¹−1 count there and as clamped.
 *
 * Errors: HistogramFormatError.
 */
export function decodeHdrV2(text: string): Histogram {
  const inner = inflate(Buffer.from(text, 'base64'));
  if (inner.length < headerBytes || inner.readInt32BE(0) !== cookie) throw damaged('it has no V2 header');
  const payloadEnd = headerBytes + inner.readInt32BE(4);
  if (payloadEnd < headerBytes || payloadEnd > inner.length) throw damaged('its end is missing');
  const digits = inner.readInt32BE(12);
  const unit = inner.readBigInt64BE(16);
  if (digits !== significantDigits || unit !== 1n) {
    throw new HistogramFormatError(`a histogram has ${digits} significant digits and unit ${unit.toString()}`, {
      hint: 'write it with 3 significant digits and unit 1',
    });
  }
  return fromCounters(inner.subarray(headerBytes, payloadEnd));
}

function inflate(outer: Buffer): Buffer {
  if (outer.length < 8 || outer.readInt32BE(0) !== compressedCookie) throw damaged("it does not begin with 'HISTF'");
  try {
    return inflateSync(outer.subarray(8, 8 + Math.max(0, outer.readInt32BE(4))), { maxOutputLength: maxInflatedBytes });
  } catch (cause) {
    throw damaged('its data cannot be decompressed', cause);
  }
}

function damaged(why: string, cause?: unknown): HistogramFormatError {
  return new HistogramFormatError(`a stored histogram is damaged: ${why}`, {
    hint: 'run the test again: the file was cut off or changed',
    cause,
  });
}

function fromCounters(payload: Buffer): Histogram {
  const histogram = new Histogram();
  let cell = 0;
  for (let at = 0; at < payload.length;) {
    let shift = 1;
    let value = 0;
    let byte: number;
    let length = 0;
    do {
      if (at === payload.length) throw damaged('its last counter is cut off');
      byte = payload[at++]!;
      length++;
      // The ninth byte has 8 bits of value and no mark.
      value += (length === 9 ? byte : byte & 0x7f) * shift;
      shift *= 128;
    } while (length < 9 && byte >= 0x80);
    if (value % 2 === 1) cell += (value + 1) / 2;
    else addCounter(histogram, cell++, value / 2);
  }
  return histogram;
}

function addCounter(histogram: Histogram, cell: number, count: number): void {
  if (count === 0) return;
  if (!Number.isSafeInteger(count)) throw damaged(`a counter of ${count} makes no sense`);
  const beyond = cell >= histogramCells;
  const inside = beyond ? histogramCells - 1 : cell;
  histogram.addCounter(inside, count, {
    sumUs: count * middleOfCell(inside),
    minUs: lowestOfCell(inside),
    maxUs: highestOfCell(inside),
    clamped: beyond ? count : 0,
  });
}

function pushZigZag(bytes: number[], signed: number): void {
  // Twice a counter stays below 2⁵⁴, which takes 8 bytes: the ninth byte's special case cannot arise.
  let value = signed >= 0 ? signed * 2 : -signed * 2 - 1;
  for (; value >= 0x80; value = Math.floor(value / 128)) bytes.push((value % 128) + 0x80);
  bytes.push(value);
}
