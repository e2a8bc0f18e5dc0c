import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConfigurationError } from '../kernel/errors.ts';
import { loadConfig } from './config.ts';

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'plimsoll-config-')));
});
afterEach(() => rmSync(root, { recursive: true }));

async function refused(text: string): Promise<string> {
  writeFileSync(join(root, 'plimsoll.config.ts'), text);
  const error: unknown = await loadConfig(root).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ConfigurationError);
  return (error as Error).message;
}

test('without a file, the defaults hold and the project is where the user stands', async () => {
  expect(await loadConfig(root)).toEqual({ config: {}, root, file: '' });
});

test('TypeScript is compiled, its imports included; the project is where the file lies', async () => {
  mkdirSync(join(root, 'sub'));
  writeFileSync(join(root, 'sub/url.ts'), 'export const url: string = "http://localhost:1";');
  writeFileSync(
    join(root, 'sub/my.config.ts'),
    "import { url } from './url';\nimport type { Config } from 'plimsoll';\nexport default { targets: { a: url } } satisfies Config;",
  );
  const loaded = await loadConfig(root, 'sub/my.config.ts');
  expect(loaded).toEqual({
    config: { targets: { a: 'http://localhost:1' } },
    root: join(root, 'sub'),
    file: 'my.config.ts',
  });
});

test('a file that is named and not there is said so', async () => {
  await expect(loadConfig(root, 'gone.ts')).rejects.toThrow('there is no configuration file gone.ts');
});

test('each wrong key is named, on the second run too', async () => {
  const text = "export default { targts: {}, limits: { maxVus: '7' } };";
  const message = await refused(text);
  expect(message).toContain('plimsoll.config.ts is not valid');
  expect(message).toContain("targts: there is no such key — did you mean 'targets'?");
  expect(message).toContain('limits.maxVus: expected a number, got "7"');
  await expect(loadConfig(root)).rejects.toThrow('limits.maxVus');
});

test('a default target that is none of the targets is refused', async () => {
  const message = await refused("export default { targets: { a: 'http://a' }, defaultTarget: 'b' };");
  expect(message).toContain('defaultTarget: expected one of the targets (a), got "b"');
});

test('a syntax error is shown with its place', async () => {
  expect(await refused('export default {\n  allow: [,\n')).toContain('plimsoll.config.ts:');
});

test('code that throws is named', async () => {
  expect(await refused("throw new Error('no such variable: PORT');")).toMatch(
    /plimsoll\.config\.ts(:1:7)? throws: no such variable: PORT/,
  );
});

test('a file without a default export is told so', async () => {
  expect(await refused('export const config = { targets: {} };')).toBe(
    'plimsoll.config.ts is not valid\n  the default export: expected an object { … }, got nothing',
  );
});
