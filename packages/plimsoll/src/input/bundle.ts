/**
 * Users' TypeScript → one ES module that every worker imports. Their own files are bundled, packages stay where they
 * are, and `plimsoll` is the copy that runs them. esbuild is loaded only when the cache has no bundle.
 */
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { BuildFailure, BuildResult, OnResolveArgs, OnResolveResult, Plugin, PluginBuild } from 'esbuild';
import { systemClock } from '../kernel/clock.ts';
import { TestFileError } from '../kernel/errors.ts';
import { BundleCache } from './bundle-cache.ts';
import { compileError } from './compile-error.ts';
import { ownPackage, type OwnPackage } from './own-package.ts';
import { loaderOf, placeDefinitions, withPlace } from './source-place.ts';

export interface Bundle {
  /** The ES module to import. */
  readonly path: string;
  readonly cache: BundleCache;
  /** What was noted about this very bundle; see `BundleCache.annotate`. */
  readonly note: string | undefined;
}

/**
 * @param files paths from `root` with '/'
 * @param own the copy of plimsoll that runs them
 * @throws TestFileError when they do not compile: the places, and the lines
 */
export async function bundleTestFiles(root: string, files: readonly string[], own = ownPackage()): Promise<Bundle> {
  const lines = files.map((file) => `begin(${JSON.stringify(file)}); await import(${importPath(file)});`);
  const entry = [
    // Importing plimsoll makes the registry, which engine/registry describes.
    "import 'plimsoll';",
    "const registry = globalThis[Symbol.for('plimsoll.registry')];",
    `registry.root = ${JSON.stringify(root)};`,
    'const begin = (file) => { registry.file = file; registry.groups = []; };',
    ...lines,
    "registry.file = '';",
  ].join('\n');
  return bundle(root, entry, files, own);
}

/** A module whose default export is that of the configuration file. */
export async function bundleConfig(root: string, file: string): Promise<Bundle> {
  // Read by its name: a file without one is told by whoever checks the value, not by the compiler.
  return bundle(
    root,
    `import * as file from ${importPath(file)}; export default file['default'];`,
    [file],
    ownPackage(),
  );
}

function importPath(file: string): string {
  return JSON.stringify(`./${file}`);
}

async function bundle(
  root: string,
  entry: string,
  files: readonly string[],
  { version, entryUrl }: OwnPackage,
): Promise<Bundle> {
  const cache = new BundleCache(root, [version, entryUrl, entry]);
  const cached = cache.find();
  if (cached) return { ...cached, cache };
  const startedWallMs = systemClock.wallMs();
  const { code, map, inputs } = await compile(root, entry, cache.folder, entryUrl);
  const path = cache.store({ code, map, inputs: [...inputs, ...settingsFiles(root, files)], startedWallMs });
  return { path, cache, note: undefined };
}

interface Compiled {
  readonly code: string;
  readonly map: string;
  /** Absolute paths of all files read or referred to. */
  readonly inputs: readonly string[];
}

async function compile(root: string, entry: string, outputFolder: string, entryUrl: string): Promise<Compiled> {
  const { build, stop } = await import('esbuild');
  const externals = new Set<string>();
  try {
    const result = await build({
      stdin: { contents: entry, resolveDir: root, sourcefile: 'plimsoll-entry.js' },
      absWorkingDir: root,
      outfile: join(outputFolder, 'bundle.mjs'),
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
      platform: 'node',
      target: `node${process.versions.node}`,
      // Not 'module': what a bundler may read, Node often may not.
      conditions: [],
      sourcemap: 'external',
      sourcesContent: false,
      charset: 'utf8',
      logLevel: 'silent',
      define: placeDefinitions,
      banner: { js: requireBanner },
      plugins: [placePlugin(), packagesPlugin(externals, entryUrl)],
    });
    return { ...outputs(result), inputs: [...inputFiles(result, root), ...externals] };
  } catch (error) {
    if (isBuildFailure(error)) throw compileError(error.errors);
    throw new TestFileError('esbuild, which compiles the test files, does not start', {
      cause: error,
      hint: 'install plimsoll again, with optional dependencies',
    });
  } finally {
    await stop();
  }
}

/** A bundled CommonJS file may call `require`, which a module does not have by itself. */
const requireBanner =
  "import { createRequire as __plimsollCreateRequire } from 'node:module';" +
  'const require = __plimsollCreateRequire(import.meta.url);';

function outputs(result: BuildResult): { code: string; map: string } {
  const text = (ending: string): string => result.outputFiles?.find((file) => file.path.endsWith(ending))?.text ?? '';
  return { code: text('.mjs'), map: text('.mjs.map') };
}

function inputFiles(result: BuildResult, root: string): string[] {
  const names = Object.keys(result.metafile?.inputs ?? {}).filter((name) => name !== 'plimsoll-entry.js');
  return names.map((name) => resolve(root, name));
}

/** Settings that esbuild reads by itself, there or not: from each file's folder up to the root. */
function settingsFiles(root: string, files: readonly string[]): string[] {
  const folders = new Set([root]);
  for (const file of files) {
    for (let folder = dirname(file); folder !== '.' && !folder.startsWith('..'); folder = dirname(folder)) {
      folders.add(join(root, folder));
    }
  }
  return [...folders].flatMap((folder) => [join(folder, 'tsconfig.json'), join(folder, 'package.json')]);
}

function placePlugin(): Plugin {
  return {
    name: 'plimsoll-place',
    setup(build) {
      build.onLoad({ filter: /\.[cm]?[jt]sx?$/ }, ({ path }) => {
        const contents = withPlace(readFileSync(path, 'utf8'), path);
        return contents === undefined ? undefined : { contents, loader: loaderOf(path) };
      });
    },
  };
}

/** Packages are imported from where the importing file would find them, as the bundle itself lies elsewhere. */
function packagesPlugin(externals: Set<string>, entryUrl: string): Plugin {
  return {
    name: 'plimsoll-packages',
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, (args) =>
        args.path === 'plimsoll' ? asExternal(args, entryUrl) : resolvePackage(build, args, externals),
      );
    },
  };
}

const beingResolved = Symbol('being resolved');

async function resolvePackage(
  build: PluginBuild,
  args: OnResolveArgs,
  externals: Set<string>,
): Promise<OnResolveResult | undefined> {
  if (args.pluginData === beingResolved || args.kind === 'entry-point') return undefined;
  const { kind, importer, resolveDir } = args;
  if (args.path.startsWith('node:') || builtinModules.includes(args.path)) return { path: args.path, external: true };
  if (args.path.startsWith('file:')) return { path: fileURLToPath(args.path) };
  const found = await build.resolve(args.path, { kind, importer, resolveDir, pluginData: beingResolved });
  // Not found: esbuild says so itself, with the place. TypeScript and path aliases: bundled like a relative file.
  if (found.errors.length > 0 || found.external || !isPackageFile(found.path)) return undefined;
  externals.add(found.path);
  return asExternal(args, pathToFileURL(found.path).href);
}

function asExternal({ kind }: OnResolveArgs, url: string): OnResolveResult {
  const isRequired = kind === 'require-call' || kind === 'require-resolve';
  return { path: isRequired ? fileURLToPath(url) : url, external: true };
}

function isPackageFile(path: string): boolean {
  return /\.([cm]?js|node)$/.test(path) && /[\\/]node_modules[\\/]/.test(path);
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors);
}
