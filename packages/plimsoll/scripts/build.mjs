/**
 * Builds the published package into dist/: JavaScript by esbuild, declarations by tsc, the result's JSON Schema.
 *
 * Bundled, because starting the process is a budget (`plimsoll --version` within 1.7 times `node -e 0`) and every file
 * read costs some of it. Splitting keeps what is behind a dynamic `import()` unread until it is needed; packages stay
 * external for the same reason. No `keepNames`: nothing is minified, and it would cost a call per closure at run time.
 *
 * Everything is made in a folder beside dist/ and swapped in at the end: a build that fails leaves the last good one.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const packageRoot = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(packageRoot, 'dist');
const schemaGenerator = join(packageRoot, 'scripts/generate-schema.mjs');
const entryPoints = ['src/index.ts', 'src/cli/main.ts', 'src/engine/worker/entry.ts'].filter((entry) =>
  existsSync(join(packageRoot, entry)),
);

const staging = await mkdtemp(join(packageRoot, '.dist-'));
try {
  await Promise.all([entryPoints.length > 0 && bundle(), entryPoints.includes('src/index.ts') && declarations()]);
  await chmod(staging, 0o755);
  if (entryPoints.includes('src/cli/main.ts')) await chmod(join(staging, 'cli/main.js'), 0o755);
  await swapIn();
} finally {
  await rm(staging, { recursive: true, force: true });
}
if (existsSync(schemaGenerator)) await runNode(schemaGenerator);

async function bundle() {
  await build({
    absWorkingDir: packageRoot,
    entryPoints,
    outbase: 'src',
    outdir: staging,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: true,
    logLevel: 'warning',
  });
}

/** What a test file imports has types; they are checked by `npm run types`, here they are only written. */
async function declarations() {
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  await runNode(compiler, '--project', join(packageRoot, 'tsconfig.build.json'), '--outDir', staging);
}

async function swapIn() {
  const previous = `${staging}-previous`;
  if (existsSync(dist)) await rename(dist, previous);
  await rename(staging, dist);
  await rm(previous, { recursive: true, force: true });
}

function runNode(...args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: packageRoot, stdio: 'inherit' });
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${args[0]} ended with exit code ${String(code)}`));
    });
  });
}
