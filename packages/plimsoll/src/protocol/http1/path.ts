/** Paths: values for `{name}`, the query, and the percent-encoding of what may not stand in a request line. */
import { TestFileError } from '../../kernel/errors.ts';
import { withoutUserInfo } from '../../kernel/shown-url.ts';

/** Everything but what may stand in a path or a query; '%' stays, for it is the encoding's own. */
const unsafe = /[^\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7c\x7e]/;
const unsafeRun = /[^\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7c\x7e]+/g;
const control = /[\x00-\x1f\x7f]/;

/** Hot path. 'ä b' → '%C3%A4%20b'. Errors: TestFileError for control characters, which no encoding would make right. */
export function encodePath(path: string): string {
  if (!unsafe.test(path)) return path;
  const found = control.exec(path)?.[0];
  if (found !== undefined) {
    throw new TestFileError(`the path ${JSON.stringify(path)} contains ${JSON.stringify(found)}`, {
      hint: 'remove it, or give the value as `path` or `query`, where it is encoded',
    });
  }
  return path.replace(unsafeRun, percentEncoded);
}

function percentEncoded(run: string): string {
  let encoded = '';
  for (const byte of Buffer.from(run, 'utf8')) encoded += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  return encoded;
}

export type PathValues = Readonly<Record<string, string | number>>;

/** '/sessions/{id}' with { id: 'a/b' } → '/sessions/a%2Fb'. Errors: TestFileError for a name without value, or the other way round. */
export function expandPath(template: string, values: PathValues | undefined): string {
  if (values === undefined) return template;
  const used = new Set<string>();
  const path = template.replace(/\{([^{}]*)\}/g, (_, name: string) => {
    used.add(name);
    return encodedValue(template, name, values[name]);
  });
  const unused = Object.keys(values).find((name) => !used.has(name));
  if (unused === undefined) return path;
  throw new TestFileError(`the path '${withoutUserInfo(template)}' has no {${unused}}, but a value for it was given`);
}

function encodedValue(template: string, name: string, value: unknown): string {
  if ((typeof value === 'string' && value !== '') || typeof value === 'number') {
    // encodeURIComponent refuses half a surrogate pair.
    return encodeURIComponent(String(value).replace(loneSurrogate, '\ufffd'));
  }
  const got = typeof value === 'string' ? 'an empty text' : value === undefined ? 'none' : typeof value;
  throw new TestFileError(`the path '${withoutUserInfo(template)}' needs a value for {${name}}, got ${got}`, {
    hint: `write path: { ${name}: … }`,
  });
}

const loneSurrogate = /\p{Surrogate}/gu;

export type QueryValues = Readonly<
  Record<string, string | number | boolean | readonly (string | number)[] | undefined>
>;

/** '/a?b=1' with { c: [2, 3], d: undefined } → '/a?b=1&c=2&c=3'. A fragment is cut off. */
export function appendQuery(path: string, query: QueryValues | undefined): string {
  if (query === undefined) return path;
  let pairs = '';
  for (const key of Object.keys(query)) {
    const value = query[key];
    if (value === undefined) continue;
    const values = typeof value === 'object' ? value : [value];
    for (const item of values) pairs += `&${encodedPart(key)}=${encodedPart(String(item))}`;
  }
  if (pairs === '') return path;
  const hash = path.indexOf('#');
  const before = hash < 0 ? path : path.slice(0, hash);
  const question = before.indexOf('?');
  if (question < 0) return `${before}?${pairs.slice(1)}`;
  return question === before.length - 1 || before.endsWith('&') ? before + pairs.slice(1) : before + pairs;
}

function encodedPart(text: string): string {
  return encodeURIComponent(text.replace(loneSurrogate, '\ufffd'));
}
