/**
 * Snapshots as JSON, for the journal and for other machines: the same object, with the cells of every histogram as text.
 *
 * The text is base64 of LEB128 numbers: for each pair the step from the index before it (from 0 at first, modulo 2³²) and
 * the count. Most steps and counts are one byte, so a pair takes 2 to 3 instead of 8.
 */
import type { Snapshot } from './snapshot.ts';

/** `T` with every array of cells as text. */
export type WithCellsAsText<T> = T extends Uint32Array
  ? string
  : T extends readonly (infer Item)[]
    ? readonly WithCellsAsText<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: WithCellsAsText<T[Key]> }
      : T;

export type SnapshotJson = WithCellsAsText<Snapshot>;

/** A value for `JSON.stringify`; shares nothing that is written later with the snapshot. */
export function snapshotToJson(snapshot: Snapshot): SnapshotJson {
  return mapCells(snapshot, (value) => (value instanceof Uint32Array ? cellsToText(value) : undefined)) as SnapshotJson;
}

/** The exact inverse of `snapshotToJson`, also after `JSON.stringify` and `JSON.parse`. Errors: SyntaxError for a damaged text. */
export function snapshotFromJson(json: SnapshotJson): Snapshot {
  const decode = (value: unknown, key: string): unknown =>
    key === 'cells' && typeof value === 'string' ? cellsFromText(value) : undefined;
  return mapCells(json, decode) as Snapshot;
}

/** Copies arrays and plain objects; `replace` gives another value for a place, or undefined to go into it. */
function mapCells(value: unknown, replace: (value: unknown, key: string) => unknown, key = ''): unknown {
  const replaced = replace(value, key);
  if (replaced !== undefined) return replaced;
  if (Array.isArray(value)) return value.map((item) => mapCells(item, replace));
  if (typeof value !== 'object' || value === null) return value;
  // Through entries, so that a status or error named '__proto__' stays a property.
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapCells(item, replace, name)]));
}

export function cellsToText(cells: Uint32Array): string {
  const bytes: number[] = [];
  let previous = 0;
  for (let i = 0; i < cells.length; i++) {
    const value = cells[i]!;
    pushLeb128(bytes, i % 2 === 0 ? (value - previous) >>> 0 : value);
    if (i % 2 === 0) previous = value;
  }
  return Buffer.from(bytes).toString('base64');
}

function pushLeb128(bytes: number[], value: number): void {
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
}

export function cellsFromText(text: string): Uint32Array {
  const bytes = Buffer.from(text, 'base64');
  const cells = new Uint32Array(bytes.reduce((ends, byte) => ends + (byte < 0x80 ? 1 : 0), 0));
  let at = 0;
  for (let i = 0; i < cells.length; i++) {
    let value = 0;
    let shift = 0;
    let byte: number;
    do {
      byte = bytes[at++]!;
      value |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte >= 0x80);
    cells[i] = i % 2 === 0 && i > 0 ? cells[i - 2]! + value : value;
  }
  if (at !== bytes.length) throw new SyntaxError('the cells of a histogram end in the middle of a number');
  return cells;
}
