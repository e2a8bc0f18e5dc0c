/** What is wrong with a configuration, a line per mistake, and the key it is at. */
import { configSchema } from '../model/schema/config-schema.ts';
import { nearest } from '../kernel/nearest.ts';

type Issue = NonNullable<ReturnType<typeof configSchema.safeParse>['error']>['issues'][number];

const mostShown = 8;

/** Lines such as "targets.local: expected a URL …, got 7"; empty when the configuration is valid. */
export function configIssues(value: unknown): string[] {
  const { error } = configSchema.safeParse(value, { reportInput: true });
  const lines = (error?.issues ?? []).flatMap((issue) => describe(issue, value));
  return lines.length > mostShown ? [...lines.slice(0, mostShown), `and ${lines.length - mostShown} more`] : lines;
}

function describe(issue: Issue, root: unknown): string[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => describeUnknownKey(path, key));
  if (issue.code === 'invalid_union') {
    // The alternative that went furthest is the one that was meant: { url: 7 } is a target with a wrong URL.
    const [meant] = issue.errors.flat().sort((left, right) => right.path.length - left.path.length);
    if (meant && meant.path.length > 0) return describe({ ...meant, path: [...issue.path, ...meant.path] }, root);
    const expected = issue.errors.flat().map(({ message }) => expectation(message));
    return [line(path, `expected ${[...new Set(expected)].join(' or ')}`, valueAt(root, issue.path))];
  }
  return [line(path, `expected ${expectation(issue.message)}`, valueAt(root, issue.path))];
}

function line(path: readonly string[], expected: string, got: unknown): string {
  return `${path.length > 0 ? path.join('.') : 'the default export'}: ${expected}, got ${shown(got)}`;
}

const plainWords: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object { … }',
  record: 'an object { … }',
  array: 'a list [ … ]',
  tuple: 'a pair [ … ]',
};

/** zod's 'Invalid input: expected string, received number' → 'text' */
function expectation(message: string): string {
  const expected = message
    .replace(/^(Invalid (input|option)|Too (small|big)): /, '')
    .replace(/, received .*$/, '')
    .replace(/^expected /, '');
  return plainWords[expected] ?? expected;
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], root);
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'function') return 'a function';
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? typeof value : text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function describeUnknownKey(path: readonly string[], key: string): string {
  const known = knownKeys(path);
  const meant = nearest(key, known);
  const hint = meant ? `did you mean '${meant}'?` : `known are ${known.join(', ')}`;
  return `${[...path, key].join('.')}: there is no such key — ${hint}`;
}

/** The keys of the object at `path`, read from the schema. */
function knownKeys(path: readonly string[]): string[] {
  let schema: unknown = configSchema;
  for (const key of path) schema = step(schema, key);
  return Object.keys(objectIn(schema)?.shape ?? {});
}

interface SchemaNode {
  readonly shape?: Readonly<Record<string, unknown>>;
  readonly options?: readonly unknown[];
  readonly valueType?: unknown;
  readonly element?: unknown;
  readonly def?: { readonly items?: readonly unknown[] };
  unwrap?(): unknown;
}

function step(schema: unknown, key: string): unknown {
  const node = bare(schema);
  const inObject = objectIn(node)?.shape?.[key];
  return inObject ?? node.valueType ?? node.element ?? tupleIn(node)?.def?.items?.[Number(key)];
}

function bare(schema: unknown): SchemaNode {
  let node = (schema ?? {}) as SchemaNode;
  while (node.unwrap && !node.element) node = node.unwrap() as SchemaNode;
  return node;
}

function objectIn(schema: unknown): SchemaNode | undefined {
  const node = bare(schema);
  return node.shape ? node : node.options?.map(bare).find((option) => option.shape);
}

function tupleIn(schema: unknown): SchemaNode | undefined {
  const node = bare(schema);
  return node.def?.items ? node : node.options?.map(bare).find((option) => option.def?.items);
}
