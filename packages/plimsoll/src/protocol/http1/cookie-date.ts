/** The dates of `Expires`, read as leniently as RFC 6265, section 5.1.1, asks for. */

const delimiter = /[\t\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+/;
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Milliseconds since 1970, or undefined when it is no date. 'Wed, 09 Jun 2021 10:18:14 GMT', '9-Jun-21 10:18:14', … */
export function parseCookieDate(text: string): number | undefined {
  let time: readonly number[] | undefined;
  let day: number | undefined;
  let month: number | undefined;
  let year: number | undefined;
  for (const part of text.split(delimiter)) {
    const clock = time === undefined ? /^(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\D|$)/.exec(part) : null;
    if (clock) {
      time = [Number(clock[1]), Number(clock[2]), Number(clock[3])];
      continue;
    }
    if (day === undefined && /^\d{1,2}(?:\D|$)/.test(part)) {
      day = Number.parseInt(part, 10);
      continue;
    }
    const named = month === undefined ? months.indexOf(part.slice(0, 3).toLowerCase()) : -1;
    if (named >= 0) {
      month = named;
      continue;
    }
    if (year === undefined && /^\d{2,4}(?:\D|$)/.test(part)) year = fullYear(Number.parseInt(part, 10));
  }
  if (time === undefined || day === undefined || month === undefined || year === undefined) return undefined;
  return dateMs(year, month, day, time);
}

function fullYear(year: number): number {
  if (year <= 69) return year + 2000;
  return year <= 99 ? year + 1900 : year;
}

function dateMs(year: number, month: number, day: number, time: readonly number[]): number | undefined {
  const [hour = 0, minute = 0, second = 0] = time;
  if (year < 1601 || hour > 23 || minute > 59 || second > 59) return undefined;
  const ms = Date.UTC(year, month, day, hour, minute, second);
  // A day that the month does not have, such as 31 February, is no date.
  return new Date(ms).getUTCDate() === day ? ms : undefined;
}
