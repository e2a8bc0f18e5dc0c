/** From all tests found to those that are meant. */
import { TestFileError, UsageError } from '../kernel/errors.ts';
import type { Config } from '../model/config.ts';
import type { TestPlan } from '../model/plan.ts';
import { matchesFilters } from './discover.ts';
import { nearest } from '../kernel/nearest.ts';

type NamedTest = Pick<TestPlan, 'file' | 'line' | 'group' | 'name'>;

/** @throws TestFileError when two tests of one file and group have one name: their results could not be told apart */
export function assertDistinct(tests: readonly NamedTest[]): void {
  const seen = new Map<string, NamedTest>();
  for (const test of tests) {
    const key = JSON.stringify([test.file, test.group, test.name]);
    const other = seen.get(key);
    if (other) {
      const where = test.group ? ` in group '${test.group}'` : '';
      throw new TestFileError(
        `${test.file} has two tests called '${test.name}'${where}: lines ${other.line} and ${test.line}`,
        {
          hint: 'rename one of them',
        },
      );
    }
    seen.set(key, test);
  }
}

/** The filters that `--suite NAME` stands for. */
export function suiteFilters({ suites = {} }: Config, name: string): readonly string[] {
  const filters = suites[name];
  if (filters) return filters;
  const known = Object.keys(suites);
  const meant = nearest(name, known);
  const hint = meant ? `did you mean '${meant}'?` : `known are: ${known.join(', ') || 'none'}`;
  throw new UsageError(`there is no suite '${name}'`, { hint });
}

/** @throws UsageError when no test is left, with the nearest name */
export function selectTests<Test extends NamedTest>(
  tests: readonly Test[],
  filters: readonly string[],
  suite: readonly string[] = [],
): Test[] {
  const selected = tests.filter((test) => matchesFilters(test, filters) && matchesFilters(test, suite));
  if (selected.length > 0) return selected;
  if (tests.length === 0) {
    throw new UsageError('the test files declare no test', {
      hint: "call loadTest('name', { load: … }, async ({ http }) => { … })",
    });
  }
  const words = [...filters, ...suite].map((filter) => `'${filter}'`).join(', ');
  const candidates = tests.flatMap(({ file, group, name }) => [name, group, file]).filter((text) => text !== '');
  const meant = filters.map((filter) => nearest(filter, candidates)).find((text) => text !== undefined);
  throw new UsageError(`no test matches ${words}`, {
    hint: meant ? `did you mean '${meant}'?` : `there are: ${listOf(tests.map((test) => test.name))}`,
  });
}

function listOf(names: readonly string[]): string {
  return names.length > 6 ? `${names.slice(0, 6).join(', ')} and ${names.length - 6} more` : names.join(', ');
}
