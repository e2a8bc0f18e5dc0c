/**
 * `npm run bench`: bundles the bench and the programs it starts into dist/, then runs it. Bundled, because Node 20 does
 * not read TypeScript, and so that the histogram is measured as it is shipped: out of a bundle.
 */
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(fileURLToPath(import.meta.url));
const programs = readdirSync(join(root, 'src/programs')).filter((name) => !name.endsWith('.test.ts'));

await build({
  absWorkingDir: root,
  entryPoints: ['src/bench.ts', ...programs.map((name) => `src/programs/${name}`)],
  outbase: 'src',
  outdir: 'dist',
  bundle: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
});
const { bench } = await import('./dist/bench.js');
process.exitCode = await bench(process.argv.slice(2));
