/** multipart/form-data (RFC 7578), with names escaped as browsers do. */
import { TestFileError } from '../../kernel/errors.ts';

export interface MultipartPart {
  readonly name: string;
  readonly value: string | Uint8Array;
  readonly filename?: string;
  readonly contentType?: string;
}

export interface EncodedMultipart {
  readonly contentType: string;
  readonly payload: Uint8Array;
}

/**
 * All parts as one body.
 *
 * @param random from 0 up to 1, seeded: the same seed gives the same boundary, and so the same bytes
 */
export function encodeMultipart(parts: readonly MultipartPart[], random: () => number): EncodedMultipart {
  const boundary = makeBoundary(random);
  const pieces: Uint8Array[] = [];
  for (const part of parts) {
    pieces.push(Buffer.from(`--${boundary}\r\n${partHead(part)}\r\n`, 'utf8'));
    pieces.push(typeof part.value === 'string' ? Buffer.from(part.value, 'utf8') : part.value, lineBreak);
  }
  pieces.push(Buffer.from(`--${boundary}--\r\n`, 'latin1'));
  return { contentType: `multipart/form-data; boundary=${boundary}`, payload: Buffer.concat(pieces) };
}

const lineBreak = Buffer.from('\r\n', 'latin1');
const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** 24 of 36 signs are 124 bits: no body contains it by chance. */
function makeBoundary(random: () => number): string {
  let boundary = 'plimsoll-';
  for (let i = 0; i < 24; i++) boundary += alphabet[Math.floor(random() * alphabet.length)]!;
  return boundary;
}

function partHead({ name, value, filename, contentType }: MultipartPart): string {
  const file = filename === undefined ? '' : `; filename="${escaped(filename)}"`;
  const isFile = filename !== undefined || typeof value !== 'string';
  const type = contentType ?? (isFile ? 'application/octet-stream' : undefined);
  if (type !== undefined && /[^\t\x20-\x7e]/.test(type)) {
    throw new TestFileError(`the content type ${JSON.stringify(type)} of the part '${name}' cannot be sent`);
  }
  const typeLine = type === undefined ? '' : `content-type: ${type}\r\n`;
  return `content-disposition: form-data; name="${escaped(name)}"${file}\r\n${typeLine}`;
}

/** The three signs that could end the quoted name or its line (WHATWG HTML, multipart form data). */
function escaped(text: string): string {
  return text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
