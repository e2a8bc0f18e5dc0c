/** The reference pages are made from the code: a change to the interface shows in them, in the same commit. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const generator = fileURLToPath(new URL('../../scripts/generate-reference.mjs', import.meta.url));

test("docs/reference says what the code says; 'npm run docs' brings it up to date", () => {
  const { status, stderr } = spawnSync(process.execPath, [generator, '--check'], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});
