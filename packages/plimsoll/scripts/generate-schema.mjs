/**
 * Writes schema/result.json from src/model/schema/result-schema.ts. The file is committed: other programs read it, and a
 * change to the format shows in a review. A test fails while the two differ.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const packageRoot = join(dirname(fileURLToPath(import.meta.url)), '..');

// Node 20 reads no TypeScript: one module for zod and the schema, imported from memory.
const { outputFiles } = await build({
  absWorkingDir: packageRoot,
  entryPoints: ['src/model/schema/result-schema.ts'],
  bundle: true,
  format: 'esm',
  platform: 'node',
  write: false,
});
const code = outputFiles[0].text;
const { resultJsonSchema } = await import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`);

await mkdir(join(packageRoot, 'schema'), { recursive: true });
await writeFile(join(packageRoot, 'schema/result.json'), `${JSON.stringify(resultJsonSchema(), null, 2)}\n`);
