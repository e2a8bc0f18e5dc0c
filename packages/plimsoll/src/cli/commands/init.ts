/** `plimsoll init [url]`: writes a first test that runs. Asks nothing, overwrites nothing. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { exitCodes, UsageError, type ExitCode } from '../../kernel/errors.ts';
import { withoutSecrets } from '../../kernel/shown-url.ts';
import { firstProject } from '../first-project.ts';
import { standardOutput } from '../output.ts';

export interface InitOptions {
  readonly js?: true;
}

const configNames = ['ts', 'mts', 'js', 'mjs'].map((extension) => `plimsoll.config.${extension}`);

export function init(url: string | undefined, options: InitOptions): ExitCode {
  const root = process.cwd();
  const out = standardOutput();
  if (url !== undefined && !(/^https?:\/\//.test(url) && URL.canParse(url))) {
    throw new UsageError(`'${withoutSecrets(url)}' is not a URL`, { hint: 'write http://localhost:3000' });
  }
  const files = firstProject({ language: options.js === true ? 'js' : 'ts', target: url?.replace(/\/+$/, '') });
  // A project that is set up already keeps its configuration, whatever its file is called.
  const existing = [...new Set([...configNames, ...files.map(({ path }) => path)])].filter((path) =>
    existsSync(join(root, path)),
  );
  if (existing.length > 0) {
    throw new UsageError(
      `${existing.join(' and ')} ${existing.length === 1 ? 'exists' : 'exist'} already; nothing was written`,
      {
        hint: 'move it away first',
      },
    );
  }
  for (const { path, text } of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    // 'wx': not even a file that appeared just now is overwritten.
    writeFileSync(join(root, path), text, { flag: 'wx' });
    out.write(`wrote ${path}\n`);
  }
  out.write('\nRun it with: npx plimsoll run\n');
  return exitCodes.passed;
}
