/** What set-up returns goes to other threads and machines: it must survive JSON, and where it does not, it is said. */
import { TestFileError } from '../../kernel/errors.ts';

/** Errors: TestFileError that names the path of the first value JSON would lose or change. */
export function assertJson(value: unknown, what: string): void {
  if (value === undefined) return;
  const path = lossyPath(value, '', new Set());
  if (path !== undefined) {
    throw new TestFileError(`${what} does not survive JSON at ${path}`, {
      hint: 'return plain data: strings, numbers, booleans, null, arrays and objects of them',
    });
  }
}

/** undefined: nothing would be lost. */
function lossyPath(value: unknown, path: string, above: Set<object>): string | undefined {
  const shown = path === '' ? 'its top' : `'${path.replace(/^\./, '')}'`;
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined;
    case 'number':
      return Number.isFinite(value) ? undefined : `${shown} (${value})`;
    case 'object':
      break;
    default:
      return `${shown} (${value === undefined ? 'undefined' : `a ${typeof value}`})`;
  }
  if (value === null) return undefined;
  if (above.has(value)) return `${shown} (it refers to itself)`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) {
    const maker: unknown = value.constructor;
    return `${shown} (a ${typeof maker === 'function' ? maker.name : 'special object'})`;
  }
  above.add(value);
  // Not the entries: those leave the holes of an array out, which JSON turns into null.
  const keys = Array.isArray(value) ? Array.from(value, (_, index) => String(index)) : Object.keys(value);
  for (const key of keys) {
    const child = (value as Readonly<Record<string, unknown>>)[key];
    // JSON leaves an undefined property out, which reads the same on the other side.
    if (child === undefined && !Array.isArray(value)) continue;
    const found = lossyPath(child, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`, above);
    if (found !== undefined) return found;
  }
  above.delete(value);
  return undefined;
}
