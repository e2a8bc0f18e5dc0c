/** Text to numbers and back: durations, rates, sizes, counts. Errors: UnitSyntaxError. */
import { UnitSyntaxError } from './errors.ts';

const millisecondsPer: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const durationPart = /(\d+(?:\.\d+)?)(us|ms|s|m|h)/gy;

/** Milliseconds as a number, or '500ms', '2s', '1m30s' → milliseconds. */
export function parseDurationMs(value: number | string): number {
  if (typeof value === 'number') {
    if (Number.isFinite(value) && value >= 0) return value;
    throw new UnitSyntaxError(`a duration of ${value} makes no sense`, {
      hint: "write milliseconds or text such as '2s'",
    });
  }
  let total = 0;
  let position = 0;
  for (const match of value.trim().matchAll(durationPart)) {
    total += Number(match[1]) * millisecondsPer[match[2]!]!;
    position = match.index + match[0].length;
  }
  // To the nanosecond: '4.35s' is 4350, whatever the multiplication says.
  const rounded = Math.round(total * 1e6) / 1e6;
  if (position > 0 && position === value.trim().length && Number.isFinite(rounded)) return rounded;
  throw new UnitSyntaxError(`'${value}' is not a duration`, { hint: "write '500ms', '2s' or '1m30s'" });
}

const secondsPer: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** Arrivals per second as a number, or '50/s', '300/m', '1000/h' → per second. */
export function parseRatePerSecond(value: number | string): number {
  if (typeof value === 'number') {
    if (Number.isFinite(value) && value >= 0) return value;
    throw new UnitSyntaxError(`a rate of ${value} makes no sense`, {
      hint: "write a number per second or text such as '300/m'",
    });
  }
  const match = /^(\d+(?:\.\d+)?)(?:\/(s|m|h))?$/.exec(value.trim());
  const rate = match ? Number(match[1]) / secondsPer[match[2] ?? 's']! : NaN;
  if (Number.isFinite(rate)) return rate;
  throw new UnitSyntaxError(`'${value}' is not a rate`, { hint: "write '50/s', '300/m' or '1000/h'" });
}

const bytesPer: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

/** Bytes as a number, or '512', '16 kB', '1.5MB', '1GiB' → whole bytes. k, M and G are powers of 1000, Ki, Mi and Gi of 1024. */
export function parseBytes(value: number | string): number {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value) && value >= 0) return value;
    throw new UnitSyntaxError(`a size of ${value} makes no sense`, { hint: "write bytes or text such as '16MB'" });
  }
  const match = /^(\d+(?:\.\d+)?)\s*([kmg]?i?b)?$/i.exec(value.trim());
  const factor = match === null ? undefined : bytesPer[(match[2] ?? 'b').toLowerCase()];
  const bytes = match === null || factor === undefined ? NaN : Math.round(Number(match[1]) * factor);
  if (Number.isSafeInteger(bytes)) return bytes;
  throw new UnitSyntaxError(`'${value}' is not a size`, { hint: "write '512', '16kB', '1.5MB' or '1GiB'" });
}

/** A length of time as `parseDurationMs` reads it: '0.5ms', '500ms', '1.5s', '1m30s', '2h'; from a minute on in whole seconds. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return String(ms);
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (ms < 999.9995) return `${trimmed(ms)}ms`;
  if (ms < 59_999.5) return `${trimmed(ms / 1000)}s`;
  const seconds = Math.round(ms / 1000);
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  return parts.map(([amount, unit]) => (amount === 0 ? '' : `${amount}${unit}`)).join('');
}

/** At most three decimals, without zeros at the end. */
function trimmed(value: number): string {
  return String(Number(value.toFixed(3)));
}

/** A measured time with three digits, from 1 s on in seconds: '0.12 ms', '12.3 ms', '1.23 s', '1,234 s'. */
export function formatLatency(ms: number): string {
  if (!Number.isFinite(ms)) return String(ms);
  if (Math.abs(ms) < 999.5) return `${threeDigits(ms)} ms`;
  return `${threeDigits(ms / 1000)} s`;
}

/** The bounds are where `toFixed` rounds into the next digit. Below 0.01 a third decimal keeps a time from reading as 0. */
function threeDigits(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < 0.00995) return value.toFixed(3);
  if (size < 9.995) return value.toFixed(2);
  if (size < 99.95) return value.toFixed(1);
  return formatCount(value);
}

/** A whole number with its thousands apart: '1,234,567'. The same in every locale. */
export function formatCount(count: number): string {
  return count.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ',');
}

const byteUnits = ['kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** A size with three digits, in powers of 1000: '0 B', '512 B', '1.23 kB', '45.6 MB'. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return String(bytes);
  if (Math.abs(bytes) < 999.5) return `${formatCount(bytes)} B`;
  let value = bytes / 1000;
  let unit = 0;
  while (Math.abs(value) >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${threeDigits(value)} ${byteUnits[unit]!}`;
}

/** A share from 0 to 1 in percent: '98.8%', '99.98%'. Only all is '100%' and only nothing is '0%'. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.01) return '<0.01%';
  if (percent > 99.99 && percent < 100) return '>99.99%';
  const decimals = percent > 99 || percent < 1 ? 2 : 1;
  return `${Number(percent.toFixed(decimals))}%`;
}
