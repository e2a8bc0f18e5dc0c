/** Where this tool itself lies: its version, and the one copy of it that test files are to import. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export interface OwnPackage {
  readonly root: string;
  readonly version: string;
  /** What `import … from 'plimsoll'` means in a test file, as a file: URL. */
  readonly entryUrl: string;
}

let known: OwnPackage | undefined;

export function ownPackage(): OwnPackage {
  known ??= findOwnPackage();
  return known;
}

/** The code may lie in src/, dist/ or dist/chunks/: the nearest package.json above is ours. */
function findOwnPackage(): OwnPackage {
  let root = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(root, 'package.json'))) root = dirname(root);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return { root, version, entryUrl: pathToFileURL(join(root, 'dist/index.js')).href };
}
