/** Text in cells of a terminal: measured, shortened, padded and wrapped by the width it is shown at. */
import { createRequire } from 'node:module';
import type stringWidthOf from 'string-width';

/** Printable ASCII, Latin, and the signs of our own tables: one cell each. */
const oneCellEach = /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u024f\u2013\u2014\u2026\u203a\u2500-\u259f\u2713\u2717]*$/;

/** Cells that the text takes; an emoji takes two. */
export function cellsOf(text: string): number {
  return oneCellEach.test(text) ? text.length : widthOf()(text);
}

let stringWidth: ((text: string) => number) | undefined;

/** The tables of Unicode take 50 ms to load, so only text that needs them loads them. */
function widthOf(): (text: string) => number {
  if (stringWidth === undefined) {
    const loaded = createRequire(import.meta.url)('string-width') as { readonly default: typeof stringWidthOf };
    stringWidth = loaded.default;
  }
  return stringWidth;
}

// What moves the cursor or turns the direction of text: a name must not be able to draw over our lines.
const controls = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Nobody reads more of a message than this, and finding where characters end is slow. */
const longestLine = 2000;

/** Any text as one line without control characters, its end cut off where it is a page long. */
export function oneLine(text: string): string {
  return text
    .slice(0, longestLine)
    .replace(/\s+/g, ' ')
    .replace(controls, '')
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .trim();
}

export function padEnd(text: string, cells: number): string {
  return text + ' '.repeat(Math.max(0, cells - cellsOf(text)));
}

export function padStart(text: string, cells: number): string {
  return ' '.repeat(Math.max(0, cells - cellsOf(text))) + text;
}

/** At most `cells` wide: the middle makes room, since paths differ at their end and methods stand at their start. */
export function shorten(text: string, cells: number, ellipsis: string): string {
  if (cellsOf(text) <= cells) return text;
  const room = cells - cellsOf(ellipsis);
  if (room < 2) return take(text, cells);
  const head = take(text, Math.ceil(room / 2));
  return head + ellipsis + takeEnd(text, room - cellsOf(head));
}

/** Lines of at most `cells`, broken at spaces where there are any; never empty. */
export function wrap(text: string, cells: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (cellsOf(longer) <= cells) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    while (cellsOf(line) > cells) {
      const head = take(line, cells);
      lines.push(head);
      line = line.slice(head.length);
    }
  }
  return [...lines, line];
}

let segmenter: Intl.Segmenter | undefined;

function graphemesOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return segmenter.segment(text);
}

/** The longest start within the width, and at least one character so that wrapping ends. */
function take(text: string, cells: number): string {
  let taken = '';
  let width = 0;
  for (const { segment } of graphemesOf(text)) {
    width += cellsOf(segment);
    if (width > cells && taken !== '') break;
    taken += segment;
  }
  return taken;
}

function takeEnd(text: string, cells: number): string {
  const parts = Array.from(graphemesOf(text), ({ segment }) => segment);
  let start = parts.length;
  let width = 0;
  while (start > 0) {
    width += cellsOf(parts[start - 1] ?? '');
    if (width > cells) break;
    start--;
  }
  return parts.slice(start).join('');
}
