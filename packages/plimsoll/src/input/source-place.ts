/**
 * Keeps `import.meta.url`, `__dirname` and `__filename` of a bundled file what they are in its source. The build
 * defines them as the names below; each file that uses one gets its own constant of that name in front.
 */
import { dirname, extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Loader } from 'esbuild';

const url = '__plimsollUrl';
const folder = '__plimsollFolder';
const file = '__plimsollFile';

export const placeDefinitions = {
  'import.meta.url': url,
  'import.meta.dirname': folder,
  'import.meta.filename': file,
  __dirname: folder,
  __filename: file,
};

const mentionsPlace = /\bimport\.meta\b|\b__dirname\b|\b__filename\b/;

/** The source with its place in front, on its first line so that line numbers stay; undefined when it needs none. */
export function withPlace(source: string, path: string): string | undefined {
  if (!mentionsPlace.test(source)) return undefined;
  const constants = [
    [url, pathToFileURL(path).href],
    [folder, dirname(path)],
    [file, path],
  ].map(([name, value]) => `const ${name ?? ''} = ${JSON.stringify(value)};`);
  return `${constants.join(' ')} ${source.replace(/^#!.*/, '')}`;
}

export function loaderOf(path: string): Loader {
  const extension = extname(path).slice(1).replace(/^[cm]/, '');
  return extension === 'ts' || extension === 'tsx' || extension === 'jsx' ? extension : 'js';
}
