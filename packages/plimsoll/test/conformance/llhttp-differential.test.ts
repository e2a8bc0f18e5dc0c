/** Our parser against llhttp without lenient flags: the hand-written answers and 500,000 damaged ones. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { LlhttpOracle } from './llhttp-oracle.ts';
import { explain, isSame, llhttpDifferences } from './llhttp-differences.ts';
import type { Comparison } from './llhttp-differences.ts';
import { mutatedResponse } from './mutations.ts';
import { runParser, toBytes } from './outcome.ts';
import { realisticResponses } from './realistic-responses.ts';
import { responseCases } from './response-cases.ts';

const mutatedCount = 500_000;
const oracle = new LlhttpOracle();

function compare(method: string, text: string, splits: readonly number[]): Comparison {
  const bytes = toBytes(text);
  return { method, text, ours: runParser(method, bytes, splits), theirs: oracle.run(method, bytes, splits) };
}

/** The name of the class that explains the difference, 'unexplained', or undefined for the same outcome. */
function differenceIn(comparison: Comparison): string | undefined {
  return isSame(comparison) ? undefined : (explain(comparison)?.name ?? 'unexplained');
}

test.each(realisticResponses)('llhttp and we read $method $text alike', ({ method, text }) => {
  const comparison = compare(method, text, []);
  expect(comparison.theirs.verdict).toMatch(/complete|upgrade/);
  expect(differenceIn(comparison)).toBeUndefined();
});

test.each(responseCases)('$name: llhttp agrees, or differs as declared', ({ method, text, differs }) => {
  expect(differenceIn(compare(method, text, []))).toBe(differs);
});

test('every documented difference is shown by a hand-written case', () => {
  const shown = new Set(responseCases.map((one) => one.differs));
  expect(llhttpDifferences.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
});

test('the documentation names exactly the differences that there are', () => {
  const page = readFileSync(new URL('../../../../docs/explanation/http-conformance.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z0-9.-]+)` +\|/gm)].map((match) => match[1]);
  expect(rows.sort()).toEqual(llhttpDifferences.map(({ name }) => name).sort());
});

test(`${mutatedCount} damaged answers: the same outcome, or a documented difference`, () => {
  // Realistic answers count ten times, so that damage to a good answer is more frequent than damage to a bad one.
  const seeds = [
    ...Array.from({ length: 10 }, () => realisticResponses).flat(),
    ...responseCases.filter(({ text }) => text.length < 1000),
  ];
  const counts = new Map<string, number>();
  const unexplained: unknown[] = [];
  for (let index = 0; index < mutatedCount; index++) {
    const { method, text, splits } = mutatedResponse(index, seeds);
    const comparison = compare(method, text, splits);
    const name = differenceIn(comparison) ?? `same: ${comparison.ours.verdict}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    if (name === 'unexplained' && unexplained.length < 5) unexplained.push({ index, splits, ...comparison });
  }
  console.info(Object.fromEntries([...counts].sort((a, b) => b[1] - a[1])));
  expect(unexplained).toEqual([]);
  // Were the oracle or the mutations broken, nearly everything would end in one way.
  for (const verdict of ['complete', 'upgrade', 'incomplete', 'error']) {
    expect(counts.get(`same: ${verdict}`)).toBeGreaterThan(mutatedCount / 100);
  }
});
