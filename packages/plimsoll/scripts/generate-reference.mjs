/**
 * Writes docs/reference/ from the code: commands, test API, thresholds, configuration, result file, errors. The pages are
 * committed, so that they can be read without a build and a change to the interface shows in a review.
 *
 *     node scripts/generate-reference.mjs            writes the pages
 *     node scripts/generate-reference.mjs --check    names the pages that are stale and exits with 1
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as prettier from 'prettier';
import { commandsPage } from './reference/commands-page.mjs';
import { configurationPage } from './reference/configuration-page.mjs';
import { errorsPage } from './reference/errors-page.mjs';
import { loadSources } from './reference/load-sources.mjs';
import { resultFilePage } from './reference/result-file-page.mjs';
import { testApiPage } from './reference/test-api-page.mjs';
import { thresholdsPage } from './reference/thresholds-page.mjs';

const packageRoot = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(packageRoot, '../../docs/reference');

const sources = await loadSources(packageRoot);
const pages = {
  'commands.md': commandsPage(sources),
  'test-api.md': testApiPage(packageRoot),
  'thresholds.md': thresholdsPage(sources),
  'configuration.md': configurationPage(packageRoot, sources),
  'result-file.md': resultFilePage(sources),
  'errors.md': errorsPage(packageRoot, sources),
};

const stale = [];
await mkdir(folder, { recursive: true });
for (const [name, text] of Object.entries(pages)) {
  const path = join(folder, name);
  const formatted = await prettier.format(text, { ...(await prettier.resolveConfig(path)), parser: 'markdown' });
  const before = await readFile(path, 'utf8').catch(() => '');
  if (before === formatted) continue;
  stale.push(basename(path));
  if (!process.argv.includes('--check')) await writeFile(path, formatted);
}
if (process.argv.includes('--check') && stale.length > 0) {
  process.stderr.write(`docs/reference is stale: ${stale.join(', ')}; run 'npm run docs'\n`);
  process.exitCode = 1;
}
