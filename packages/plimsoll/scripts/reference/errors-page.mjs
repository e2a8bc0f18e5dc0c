/** docs/reference/errors.md, from the error classes, the kinds of failed requests and the reasons of validity. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { classesExtending } from './declarations.mjs';
import { assertSame, code, notice, paragraphs, plainText, table } from './markdown.mjs';

/** State and meaning of each reason in src/judge/validity.ts. */
const reasons = {
  lag: [
    'INVALID or DEGRADED',
    'The generator was late with arrivals, or with the ends of sleeps: lag p99 above 5 ms (INVALID) or 2 ms (DEGRADED), or above 10 % of the median latency if that is more. Where no scenario has an arrival rate, no latency holds it: then DEGRADED is the most. Of fewer than 100 arrivals and sleeps the p95 is judged, then the p90, then the median.',
  ],
  'lag-share': [
    'DEGRADED',
    'Arrival rates: half of the arrivals and sleeps were late by more than 10 % of the median latency, which holds that.',
  ],
  'worker-lost': ['INVALID', 'A worker died, or sat in an endless loop, and its share of the load was lost.'],
  'file-limit': [
    'INVALID',
    'More than 0.1 % of the requests were lost for want of open files or local ports; these to the limit of open files.',
  ],
  'port-limit': [
    'INVALID',
    'More than 0.1 % of the requests were lost for want of open files or local ports; these to the ports.',
  ],
  books: ['INVALID', 'The counts do not add up: a bug or lost events.'],
  clock: ['INVALID', 'The clock jumped, or the machine slept.'],
  'generator-bound': [
    'DEGRADED',
    "VU models: the event loop was more than 80 % busy for 3 s, so the rate may be this machine's, not the server's.",
  ],
  busy: [
    'DEGRADED',
    "Arrival rates: the event loop was more than 80 % busy for 3 s, so latencies may hold the generator's own delays.",
  ],
  stalled: ['DEGRADED', 'The generator stood still for more than half a second: answers of that time were read late.'],
  steal: ['DEGRADED', 'Other guests took more than 5 % of the CPU time of this virtual machine.'],
  gc: ['DEGRADED', 'A pause of the garbage collector was longer than the median latency.'],
};

export function errorsPage(packageRoot, { errorKinds, exitCodes }) {
  const source = join(packageRoot, 'src');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => join(source, path))
    .sort();
  const errors = classesExtending(files, 'PlimsollError').map(({ comment, fields }) => [
    code(unquoted(fields.code)),
    code(String(exitCodes[fields.exitCode.replace('exitCodes.', '')])),
    plainText(comment),
  ]);
  const silent = errors.filter(([, , comment]) => comment === '');
  if (silent.length > 0) throw new Error(`no comment says what ${silent.map(([name]) => name).join(', ')} means`);
  assertSame('reasons of validity', reasonsIn(join(source, 'judge/validity.ts')), Object.keys(reasons));
  return paragraphs(
    notice(
      '`src/kernel/errors.ts`, `src/protocol/net/error-kind.ts`, the other error classes and `src/judge/validity.ts`',
    ),
    '# Errors',
    'An error for you is one sentence: what, where, and what to do. The code is for programs.',
    '## Errors of the tool',
    table(
      ['code', 'exit code', 'means'],
      errors.sort(([left], [right]) => left.localeCompare(right, 'en')),
    ),
    'Anything else is a bug in plimsoll: it says so, keeps the stack in `.plimsoll/plimsoll-bug-*.log`, and exits with 5. All exit codes: [commands](commands.md#exit-codes).',
    '## Kinds of failed requests',
    'A failed request is data, not an exception: `response.error.kind`, `errors` in the result, and `errors.KIND` in thresholds.',
    table(
      ['kind', 'means'],
      Object.entries(errorKinds).map(([kind, meaning]) => [code(kind), plainText(meaning)]),
    ),
    'An answer with status 429 is counted as *limited*, apart from failed: its `error.kind` is `limited`.',
    '## Reasons of validity',
    'What makes a measurement DEGRADED or INVALID. INVALID gives exit code 3 whatever the thresholds say.',
    table(
      ['code', 'state', 'means'],
      Object.entries(reasons).map(([name, cells]) => [code(name), ...cells]),
    ),
    '## Reasons of failure',
    'A test also fails without a broken threshold: when set-up, preparing the VUs or tear-down failed, when it was stopped early, and with `rate-not-reached`, when more than 0.1 % of the arrivals found no free VU, or `iterations-not-reached`, when so many iterations had not begun as `maxDuration` was over. The target is then too slow for it, or there are too few VUs.',
  );
}

const unquoted = (text) => text.slice(1, -1);

/** The codes in the file: `code: 'x'`, and the pairs that `code: kind` goes through. */
function reasonsIn(path) {
  const text = readFileSync(path, 'utf8');
  const direct = [...text.matchAll(/code: '([\w-]+)'/g)].map((match) => match[1]);
  const listed = [...text.matchAll(/\['([a-z][\w-]*)', /g)].map((match) => match[1]);
  return [...new Set([...direct, ...listed])];
}
