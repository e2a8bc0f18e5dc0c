/** Whoever reads while others write sees one value or the other, whole: what a store that writes in place cannot keep. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../../test/support/private-server.ts';
import { defaultCriteria } from '../domain/criteria.ts';
import { FileCriteriaStore } from './file-criteria-store.ts';

test('a write gives the name to another file: a reader that has the old one open reads it to its end', async () => {
  const folder = temporaryFolder('criteria');
  onTestFinished(() => folder.remove());
  const path = join(folder.path, 'criteria.json');
  const store = new FileCriteriaStore(path, { naive: false });
  await store.write({ ...defaultCriteria, name: 'the old value' });
  const whole = readFileSync(path, 'utf8');
  const reader = openSync(path, 'r');
  onTestFinished(() => {
    closeSync(reader);
  });
  const bytes = Buffer.alloc(64 * 1024);
  const begun = readSync(reader, bytes, 0, 20, 0);
  await store.write({ ...defaultCriteria, name: 'new' });
  const rest = readSync(reader, bytes, begun, bytes.length - begun, begun);
  expect(bytes.toString('utf8', 0, begun + rest)).toBe(whole);
  expect((await store.read()).name).toBe('new');
});
