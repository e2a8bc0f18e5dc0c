import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { noLatency, sampleRun, sampleTest, troubledTest } from '../../../test/support/sample-result.ts';
import { resultJsonSchema, resultProblems } from './result-schema.ts';

const committed = new URL('../../../schema/result.json', import.meta.url);
const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(resultJsonSchema() as object);

const samples = {
  passed: sampleRun(),
  failed: sampleRun({ verdict: 'failed', tests: [sampleTest(), troubledTest()], problems: ['the disk is full'] }),
  partial: sampleRun({ verdict: 'partial', endedAt: null }),
  'without a test': sampleRun({ verdict: 'unreachable', tests: [] }),
  'without a request': sampleRun({ tests: [sampleTest({ success: null, latency: noLatency, series: [] })] }),
};

test('the committed file is the schema as it is now; `npm run build` writes it', () => {
  expect(JSON.parse(readFileSync(committed, 'utf8'))).toEqual(resultJsonSchema());
});

test('it says which draft it is, and describes itself', () => {
  expect(resultJsonSchema()).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'plimsoll result',
    properties: { schema: { const: 1 } },
    $defs: { LatencyStatistics: { description: expect.stringContaining('milliseconds') as string } },
  });
});

describe.each(Object.entries(samples))('a result that %s', (_name, result) => {
  const stored: unknown = JSON.parse(JSON.stringify(result));

  test('holds for another validator', () => {
    validate(stored);
    expect(validate.errors).toBeNull();
  });

  test('can be read back', () => {
    expect(resultProblems(stored)).toEqual([]);
  });
});

describe.each([
  ['another version', { ...sampleRun(), schema: 2 }, 'schema'],
  ['a missing field', { ...sampleRun(), tests: [{ ...sampleTest(), series: undefined }] }, 'tests.0.series'],
  ['an unknown verdict', { ...sampleRun(), verdict: 'fine' }, 'verdict'],
  ['a share above 1', { ...sampleRun(), tests: [sampleTest({ success: 1.5 })] }, 'tests.0.success'],
  [
    'a time as text',
    { ...sampleRun(), tests: [{ ...sampleTest(), lag: { ...noLatency, p50: '1ms' } }] },
    'tests.0.lag.p50',
  ],
])('%s', (_name, value, place) => {
  const stored: unknown = JSON.parse(JSON.stringify(value));

  test('is refused by both, with its place', () => {
    expect(validate(stored)).toBe(false);
    expect(resultProblems(stored)[0]).toContain(`${place}: `);
  });
});

test('a field of a later version is no fault', () => {
  const later = { ...sampleRun(), findings: [] };
  expect(validate(later)).toBe(true);
  expect(resultProblems(later)).toEqual([]);
});
