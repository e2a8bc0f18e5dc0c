/** `npm run bench:api`: bundles the bench of the reference API, because Node 20 does not read TypeScript, and runs it. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

await build({
  absWorkingDir: dirname(fileURLToPath(import.meta.url)),
  entryPoints: ['src/api/bench-api.ts'],
  outfile: 'dist/api/bench-api.js',
  bundle: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
});
const { benchApi } = await import('./dist/api/bench-api.js');
process.exitCode = await benchApi(process.argv.slice(2));
