/** Header lines as strings. Only for bytes that the head parser has found valid, and only when somebody asks. */

/** Null prototype, lower-case names; repeated fields joined with ', ', but set-cookie with '\n'. */
export type HeaderRecord = Readonly<Record<string, string>>;

type Latin1Slice = (this: Uint8Array, start: number, end: number) => string;
/** What `toString('latin1')` calls; it takes any Uint8Array, so no Buffer has to be made around the bytes first. */
const { latin1Slice } = Buffer.prototype as unknown as { latin1Slice: Latin1Slice };

/** A copy of the bytes as text, one character per byte: what field values are on the wire (obs-text included). */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  return latin1Slice.call(bytes, start, end);
}

/**
 * Reads the `name: value` lines of a valid head or trailer section.
 *
 * @param text the section as latin1
 * @param start where the first line begins
 */
export function headerRecord(text: string, start: number): HeaderRecord {
  const record = Object.create(null) as Record<string, string>;
  eachField(text, start, (name, value) => {
    const before = record[name];
    record[name] = before === undefined ? value : before + (name === 'set-cookie' ? '\n' : ', ') + value;
  });
  return record;
}

/** Every value of one field, in the order of the wire. */
export function fieldValues(text: string, start: number, wanted: string): string[] {
  const values: string[] = [];
  eachField(text, start, (name, value) => {
    if (name === wanted) values.push(value);
  });
  return values;
}

/** Every line, as it comes: lower-case name, value. */
export function eachField(text: string, start: number, visit: (name: string, value: string) => void): void {
  let line = start;
  for (;;) {
    const end = text.indexOf('\r\n', line);
    if (end <= line) return;
    const colon = text.indexOf(':', line);
    visit(text.slice(line, colon).toLowerCase(), trimBlanks(text, colon + 1, end));
    line = end + 2;
  }
}

/** Spaces and tabs only: `trim` would also take 0xa0, which is part of a value. */
function trimBlanks(text: string, start: number, end: number): string {
  while (start < end && isBlankAt(text, start)) start++;
  while (end > start && isBlankAt(text, end - 1)) end--;
  return text.slice(start, end);
}

function isBlankAt(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code === 0x20 || code === 0x09;
}
