/** What somebody gave instead of what was asked for, short enough for the middle of a sentence. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `'${cut(value)}'`;
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return cut(String(value));
}

function cut(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
