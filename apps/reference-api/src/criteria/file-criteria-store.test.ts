import { chmodSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { asAnybody } from '../../test/support/as-anybody.ts';
import { temporaryFolder } from '../../test/support/private-server.ts';
import { defaultCriteria } from '../domain/criteria.ts';
import { DatabaseUnavailable } from '../ports/stores.ts';
import { FileCriteriaStore } from './file-criteria-store.ts';

function place(): { readonly folder: string; readonly path: string } {
  const folder = temporaryFolder('criteria');
  onTestFinished(() => folder.remove());
  return { folder: folder.path, path: join(folder.path, 'criteria.json') };
}

describe.each([true, false])('naive: %s', (naive) => {
  test('the defaults until something is written, then that, for every reader', async () => {
    const { path } = place();
    const [one, two] = [new FileCriteriaStore(path, { naive }), new FileCriteriaStore(path, { naive })];
    await one.prepare();
    expect(await one.read()).toEqual(defaultCriteria);
    await one.write({ ...defaultCriteria, name: 'first' });
    expect((await two.read()).name).toBe('first');
    await two.write({ ...defaultCriteria, name: 'second' });
    expect((await one.read()).name).toBe('second');
  });

  test('each write, whoever wrote, makes another version', async () => {
    const { path } = place();
    const [one, two] = [new FileCriteriaStore(path, { naive }), new FileCriteriaStore(path, { naive })];
    const versions = [await one.version()];
    for (const [at, writer] of [two, one, two, two].entries()) {
      // All of one length: the size tells none from another.
      await writer.write({ ...defaultCriteria, name: `name ${at}` });
      versions.push(await one.version());
    }
    writeFileSync(path, JSON.stringify({ ...defaultCriteria, name: 'by me!' }));
    versions.push(await one.version());
    expect(new Set(versions).size).toBe(6);
    expect(await one.version()).toBe(versions.at(-1));
  });

  test.each([
    ['no JSON', '{"name":', 'it is no JSON'],
    ['something else', '{"name":"x"}', 'it holds no valid criteria'],
    ['nothing', '', 'it is no JSON'],
  ])('a file that holds %s is told in one sentence', async (_, text, reason) => {
    const { path } = place();
    writeFileSync(path, text);
    const store = new FileCriteriaStore(path, { naive });
    await expect(store.prepare()).rejects.toThrow(
      `the criteria file ${path} cannot be used: ${reason} — mend it, or move it away for the defaults`,
    );
  });
});

test('many writers at once: one value in the end, whole, and nothing left beside it', async () => {
  const { folder, path } = place();
  const stores = [1, 2, 3].map(() => new FileCriteriaStore(path, { naive: false }));
  const names = Array.from({ length: 60 }, (_, at) => `writer ${at} `.repeat(1 + (at % 9)).trim());
  await Promise.all(names.map((name, at) => stores[at % 3]!.write({ ...defaultCriteria, name })));
  const { name } = JSON.parse(readFileSync(path, 'utf8')) as { name: string };
  // The last of each store came after all its others.
  expect(names.slice(-3)).toContain(name);
  expect(readdirSync(folder)).toEqual(['criteria.json']);
});

test('what writers that died have left is cleared away, and what is being written is not', async () => {
  const { folder, path } = place();
  writeFileSync(`${path}.1-old.tmp`, 'x');
  utimesSync(`${path}.1-old.tmp`, 1000, 1000);
  writeFileSync(`${path}.2-new.tmp`, 'x');
  writeFileSync(join(folder, 'other.tmp'), 'x');
  utimesSync(join(folder, 'other.tmp'), 1000, 1000);
  await new FileCriteriaStore(path, { naive: false }).prepare();
  expect(readdirSync(folder).toSorted()).toEqual(['criteria.json.2-new.tmp', 'other.tmp']);
});

test('a folder that cannot be is told in one sentence', async () => {
  const { path } = place();
  writeFileSync(path, '');
  const store = new FileCriteriaStore(join(path, 'criteria.json'), { naive: false });
  await expect(store.prepare()).rejects.toThrow(/^the folder .* cannot be written to: .* — set CRITERIA_FILE$/);
});

test('a folder that this user may not write to is told at the start, and what is in it can be read', async () => {
  const { folder, path } = place();
  const store = new FileCriteriaStore(path, { naive: false });
  await store.write({ ...defaultCriteria, name: 'kept' });
  chmodSync(folder, 0o555);
  onTestFinished(() => {
    chmodSync(folder, 0o755);
  });
  await asAnybody(async () => {
    await expect(store.prepare()).rejects.toThrow(`the folder ${folder} cannot be written to: EACCES`);
    await expect(store.write(defaultCriteria)).rejects.toMatchObject({ cause: { code: 'EACCES' } });
    await expect(store.write(defaultCriteria)).rejects.toBeInstanceOf(DatabaseUnavailable);
    expect((await store.read()).name).toBe('kept');
  });
  await store.write({ ...defaultCriteria, name: 'written' });
  expect(readdirSync(folder)).toEqual(['criteria.json']);
});

test('a file that cannot be got at is an outage, and one that holds nonsense is not', async () => {
  const { folder, path } = place();
  const store = new FileCriteriaStore(path, { naive: false });
  writeFileSync(path, 'nonsense');
  await expect(store.read()).rejects.not.toBeInstanceOf(DatabaseUnavailable);
  rmSync(folder, { recursive: true });
  writeFileSync(folder, 'a file where the folder was');
  for (const refused of [store.read(), store.version(), store.write(defaultCriteria)]) {
    await expect(refused).rejects.toMatchObject({ cause: expect.any(Error) as Error });
    await expect(refused).rejects.toBeInstanceOf(DatabaseUnavailable);
  }
});
