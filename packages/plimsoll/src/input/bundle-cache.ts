/**
 * Bundles already made. A manifest lists every file a bundle was made from with its size and time of change; while
 * they are as they were, the bundle is taken and esbuild is not started.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtIn } from '../kernel/built-in.ts';

/** Changes when the same inputs give another bundle than before. */
const formatVersion = 1;

interface Manifest {
  readonly output: string;
  /** Path → 'size mtime', or '' for a file that was looked for and not there. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly note?: string;
}

export interface FreshBundle {
  readonly code: string;
  readonly map: string;
  /** Absolute paths of all files read, looked for or referred to. */
  readonly inputs: readonly string[];
  /** When the compiler began to read them. */
  readonly startedWallMs: number;
}

export interface CachedBundle {
  readonly path: string;
  /** What `annotate` stored with it. */
  readonly note: string | undefined;
}

export class BundleCache {
  readonly folder: string;
  private readonly manifestPath: string;

  /** @param identity everything besides the inputs' content that the bundle depends on */
  constructor(root: string, identity: readonly string[]) {
    this.folder = writableFolder(root);
    const key = digest(JSON.stringify([formatVersion, process.versions.node, root, ...identity]));
    this.manifestPath = join(this.folder, `${key}.json`);
  }

  /** The bundle, unless one of its inputs has changed. */
  find(): CachedBundle | undefined {
    const manifest = this.readManifest();
    if (!manifest) return undefined;
    const path = join(this.folder, manifest.output);
    const unchanged = Object.entries(manifest.inputs).every(([input, stamp]) => stampOf(input) === stamp);
    return unchanged && stampOf(path) !== '' ? { path, note: manifest.note } : undefined;
  }

  /** @returns where the bundle lies */
  store({ code, map, inputs, startedWallMs }: FreshBundle): string {
    const output = `${digest(code)}.mjs`;
    writeWhole(join(this.folder, `${output}.map`), map);
    writeWhole(join(this.folder, output), `${code}//# sourceMappingURL=${output}.map\n`);
    const previous = this.readManifest();
    const manifest: Manifest = {
      output,
      inputs: Object.fromEntries(inputs.map((input) => [input, stampBefore(input, startedWallMs)])),
    };
    writeWhole(this.manifestPath, JSON.stringify(manifest));
    if (previous && previous.output !== output) this.remove(previous.output);
    return join(this.folder, output);
  }

  /** Keeps a word about the bundle for as long as it is valid. */
  annotate(note: string): void {
    const manifest = this.readManifest();
    if (manifest) writeWhole(this.manifestPath, JSON.stringify({ ...manifest, note }));
  }

  private readManifest(): Manifest | undefined {
    try {
      return JSON.parse(readFileSync(this.manifestPath, 'utf8')) as Manifest;
    } catch {
      return undefined;
    }
  }

  private remove(output: string): void {
    for (const path of [output, `${output}.map`]) rmSync(join(this.folder, path), { force: true });
  }
}

/** `.plimsoll/cache`, or a folder of this user's own among the temporary files where the project may not be written to. */
function writableFolder(root: string): string {
  const folder = join(root, '.plimsoll/cache');
  try {
    return madeFolder(folder);
  } catch {
    const user = process.getuid?.() ?? 'user';
    return madeFolder(join(tmpdir(), `plimsoll-${user}`, digest(root)));
  }
}

function madeFolder(folder: string): string {
  if (statSync(folder, { throwIfNoEntry: false })) return folder;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, '.gitignore'), '*\n');
  return folder;
}

/** Size and time of change; '' when there is no such file. */
function stampOf(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats ? `${stats.size} ${stats.mtimeMs}` : '';
}

/** A file changed while it was compiled gets a stamp that no file has, so that it is compiled again. */
function stampBefore(path: string, wallMs: number): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && stats.mtimeMs >= wallMs ? 'changed' : stampOf(path);
}

/** Two runs may write at once: each replaces the file in one step. */
function writeWhole(path: string, text: string): void {
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}

function digest(text: string): string {
  return builtIn.crypto().createHash('sha256').update(text).digest('hex').slice(0, 20);
}
