import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sampleRun, sampleTest, troubledTest } from '../../test/support/sample-result.ts';
import type { Verdict } from '../model/result.ts';
import { renderJunit } from './junit.ts';

interface XmlElement {
  name: string;
  attributes: Record<string, string>;
  text: string;
  children: XmlElement[];
}

/** A strict reader for what we write: it throws for anything that is not well-formed. */
function parseXml(xml: string): XmlElement {
  if (/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(xml))
    throw new Error('a character XML 1.0 forbids');
  const stack: XmlElement[] = [{ name: '', attributes: {}, text: '', children: [] }];
  let rest = xml.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '');
  while (rest !== '') {
    const token = /^<\/(\w[\w-]*)>|^<(\w[\w-]*)((?: [\w-]+="[^"<]*")*)(\/?)>|^[^<]+/.exec(rest);
    if (!token) throw new Error(`not well-formed: ${rest.slice(0, 40)}`);
    const [whole, end, start, attributes = '', empty] = token;
    const top = stack.at(-1)!;
    if (end !== undefined) {
      if (stack.pop()!.name !== end) throw new Error(`</${end}> closes another element`);
    } else if (start !== undefined) {
      const pairs = [...attributes.matchAll(/ ([\w-]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [
        key,
        decode(value),
      ]);
      const element = {
        name: start,
        attributes: Object.fromEntries(pairs) as Record<string, string>,
        text: '',
        children: [],
      };
      top.children.push(element);
      if (empty === '') stack.push(element);
    } else {
      top.text += decode(whole);
    }
    rest = rest.slice(whole.length);
  }
  if (stack.length !== 1) throw new Error('an element is never closed');
  return stack[0]!.children[0]!;
}

function decode(text: string): string {
  if (/&(?!(amp|lt|gt|quot|#\d+);)/.test(text)) throw new Error('a bare &');
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"' };
  return text.replace(/&(#?\w+);/g, (_, name: string) => named[name] ?? String.fromCodePoint(Number(name.slice(1))));
}

function cases(root: XmlElement): XmlElement[] {
  return root.children.flatMap((suite) => suite.children);
}

test('a suite for each file and group, a case for each test', () => {
  const tests = [
    sampleTest({ name: 'a' }),
    sampleTest({ name: 'b' }),
    sampleTest({ group: '', name: 'c', file: 'loadtests/other.load.ts' }),
  ];
  const root = parseXml(renderJunit(sampleRun({ tests })));
  expect(root.attributes).toEqual({
    name: 'plimsoll dashboard',
    tests: '3',
    failures: '0',
    errors: '0',
    skipped: '0',
    time: '90.000',
  });
  expect(root.children.map((suite) => [suite.attributes['name'], suite.attributes['tests']])).toEqual([
    ['loadtests/dashboard.load.ts › TestDashboardEndpointLoad', '2'],
    ['loadtests/other.load.ts', '1'],
  ]);
  expect(root.children[0]?.attributes['timestamp']).toBe('2026-01-31T09:30:00');
  expect(cases(root)[2]?.attributes).toEqual({
    name: 'c',
    classname: 'loadtests/other.load.ts',
    file: 'loadtests/other.load.ts',
    time: '30.000',
  });
});

test('a failed test has one failure that lists its thresholds with what was measured', () => {
  const root = parseXml(renderJunit(sampleRun({ verdict: 'failed', tests: [troubledTest({ failures: [] })] })));
  const [failure, output] = cases(root)[0]!.children;
  expect(failure?.name).toBe('failure');
  expect(failure?.attributes['message']).toBe('success >= 95%: was 92.5%');
  expect(failure?.text.split('\n')).toEqual([
    'success >= 95%: was 92.5%',
    'each: latency.p95 < 200ms: was 413 ms (POST /sessions)',
    'exceptions == 0: was 3',
    "GET /none: latency.p99 < 1s: no sample (no request of 'GET /none' was made)",
  ]);
  expect(output?.name).toBe('system-out');
  expect(output?.text).toContain('latency in ms, closed model');
});

test('a broken threshold that stopped the test: its failure says so', () => {
  const expression = 'success >= 99%';
  const stopped = `threshold not held: ${expression}`;
  const failures = [`stopped early after 1.1s of 20s: ${stopped}`, stopped];
  const thresholds = [{ expression, ok: false, value: 0.5 }];
  const test = sampleTest({ verdict: 'failed', stopped, thresholds, failures });
  const [failure] = cases(parseXml(renderJunit(sampleRun({ verdict: 'failed', tests: [test] }))))[0]!.children;
  expect(failure?.text.split('\n')).toEqual([
    'success >= 99%: was 50%',
    'stopped early after 1.1s of 20s: threshold not held: success >= 99%',
  ]);
});

test('an invalid measurement is an error, not a failure', () => {
  const validity = { state: 'INVALID', reasons: [{ code: 'lag', message: 'lag p99 is 12 ms', value: 12 }] } as const;
  const root = parseXml(
    renderJunit(sampleRun({ verdict: 'invalid', tests: [sampleTest({ verdict: 'invalid', validity })] })),
  );
  expect(root.attributes).toMatchObject({ failures: '0', errors: '1' });
  expect(cases(root)[0]!.children[0]).toMatchObject({
    name: 'error',
    attributes: { type: 'invalid', message: 'lag p99 is 12 ms' },
  });
});

describe('what happened to the run and to no test', () => {
  test.each<Verdict>(['unreachable', 'broken', 'interrupted', 'partial'])(
    '%s without a test is an error',
    (verdict) => {
      const root = parseXml(renderJunit(sampleRun({ verdict, tests: [], problems: ['what went wrong'] })));
      expect(root.attributes).toMatchObject({ tests: '1', errors: '1' });
      expect(cases(root)[0]!.children[0]!.attributes['message']).toBe('what went wrong');
    },
  );

  test('is told beside tests that passed', () => {
    const root = parseXml(renderJunit(sampleRun({ verdict: 'broken', problems: [] })));
    expect(root.attributes).toMatchObject({ tests: '2', errors: '1' });
  });

  test('a run that passed without a test is empty', () => {
    expect(parseXml(renderJunit(sampleRun({ tests: [] }))).children).toEqual([]);
  });
});

test('whatever a name holds, the XML is well-formed and gives it back', () => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom('<&>"\'', ']]>', '\u0000\u001b\u0085', '\ud800 half', '🚀', 'a\r\nb\tc', '&amp;'),
  );
  fc.assert(
    fc.property(anything, anything, (name, expression) => {
      const thresholds = [{ expression, ok: false, value: 1 }];
      const root = parseXml(renderJunit(sampleRun({ tests: [troubledTest({ name, group: name, thresholds })] })));
      const allowed = name.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd');
      expect(cases(root)[0]!.attributes['name']).toBe(allowed);
      expect(cases(root)[0]!.attributes['classname']).toBe(name === '' ? 'loadtests/dashboard.load.ts' : allowed);
    }),
    { numRuns: 40 },
  );
});
