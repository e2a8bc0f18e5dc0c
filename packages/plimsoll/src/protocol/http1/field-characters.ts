/** Which bytes may stand where in a head (RFC 9110, section 5), as tables for the byte loops. */

const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const SEMICOLON = 0x3b;

function byteTable(allows: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (allows(byte) ? 1 : 0));
}

/** `token`: what field names and list elements are made of. */
export const tokenByte = byteTable((byte) => /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(byte)));

/** Field values and reason phrases: HTAB, SP, VCHAR and obs-text (0x80 and above). */
export const textByte = byteTable((byte) => byte === HTAB || (byte >= SP && byte !== 0x7f));

/** Value of a hexadecimal digit, 255 for any other byte. */
export const hexValue = Uint8Array.from({ length: 256 }, (_, byte) => {
  const value = Number.parseInt(String.fromCharCode(byte), 16);
  return Number.isNaN(value) ? 255 : value;
});

/**
 * Do the bytes from `start` spell `lowerCase`, in any case? The caller has compared the lengths, and has seen that
 * the bytes are `textByte`s: among those, setting bit 5 makes an upper-case letter lower and invents no other match.
 */
export function sameLetters(buffer: Uint8Array, start: number, lowerCase: string): boolean {
  for (let index = 0; index < lowerCase.length; index++) {
    if ((buffer[start + index]! | 0x20) !== lowerCase.charCodeAt(index)) return false;
  }
  return true;
}

/** The first byte from `at` on that is no `textByte`, or `end`. Four at a time: most of a head is values. */
export function endOfText(buffer: Uint8Array, at: number, end: number): number {
  while (at + 4 <= end) {
    const first = textByte[buffer[at]!]! & textByte[buffer[at + 1]!]!;
    if ((first & textByte[buffer[at + 2]!]! & textByte[buffer[at + 3]!]!) === 0) break;
    at += 4;
  }
  while (at < end && textByte[buffer[at]!] === 1) at++;
  return at;
}

export function isBlank(byte: number): boolean {
  return byte === SP || byte === HTAB;
}
