/** The parts of the code that the pages are made from, as values. Node 20 reads no TypeScript, so they are bundled first. */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const contents = `
  export { commandLine } from './src/cli/command-line.ts';
  export { exitCodes } from './src/kernel/errors.ts';
  export { configSchema } from './src/model/schema/config-schema.ts';
  export { resultJsonSchema } from './src/model/schema/result-schema.ts';
  export * as thresholdWords from './src/model/threshold-words.ts';
  export { errorKinds } from './src/protocol/net/error-kind.ts';
`;

export async function loadSources(packageRoot) {
  // Below the package, so that what stays external is found; the name is ignored by git.
  const folder = await mkdtemp(join(packageRoot, '.dist-reference-'));
  try {
    const outfile = join(folder, 'sources.mjs');
    await build({
      absWorkingDir: packageRoot,
      stdin: { contents, resolveDir: packageRoot, sourcefile: 'reference-sources.ts', loader: 'ts' },
      outfile,
      bundle: true,
      packages: 'external',
      // Loaded when a command is called, which none is here.
      external: ['./commands/*'],
      format: 'esm',
      platform: 'node',
      logLevel: 'warning',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
