/**
 * The criteria in a file. A write goes to a file of its own beside it, down to the disk, and takes the name in one step:
 * a crash at any moment leaves the old value or the new one, and readers see one of the two whole.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { criteriaSchema, defaultCriteria, makeCriteriaSchema, type Criteria } from '../domain/criteria.ts';
import { oncePerTurn } from '../domain/once-per-turn.ts';
import type { CriteriaStore } from '../ports/criteria-store.ts';
import { DatabaseUnavailable } from '../ports/stores.ts';

/** What a writer that died has left is older than any write that is under way. */
const leftoverMs = 60_000;

export interface FileCriteriaStoreOptions {
  /** As a first version does it: reads with blocking I/O, and builds the validation anew each time. */
  readonly naive: boolean;
}

export class FileCriteriaStore implements CriteriaStore {
  readonly #path: string;
  readonly #naive: boolean;
  #writing: Promise<void> = Promise.resolve();
  /** Each write makes another file, so its number and its times tell one from another. */
  readonly version = oncePerTurn(async () => {
    const found = await stat(this.#path, { bigint: true }).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw orUnavailable(error, error);
    });
    return found === undefined ? 'none' : [found.ino, found.mtimeNs, found.ctimeNs, found.size].join(' ');
  });

  constructor(path: string, { naive }: FileCriteriaStoreOptions) {
    this.#path = path;
    this.#naive = naive;
  }

  /** At the start: makes the folder, clears what dead writers left, and looks whether the file can be written and read. */
  async prepare(): Promise<void> {
    const folder = dirname(this.#path);
    try {
      await mkdir(folder, { recursive: true });
      await this.#clear(folder);
      await this.#try();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`the folder ${folder} cannot be written to: ${reason} — set CRITERIA_FILE`, { cause: error });
    }
    await this.#read((error) => error);
  }

  /** Errors: DatabaseUnavailable where the file cannot be got at. */
  read(): Promise<Criteria> {
    return this.#read(orUnavailable);
  }

  /** @param told what is thrown for one sentence and its cause */
  async #read(told: (error: Error, cause: unknown) => Error): Promise<Criteria> {
    try {
      const text = this.#naive ? readFileSync(this.#path, 'utf8') : await readFile(this.#path, 'utf8');
      return (this.#naive ? makeCriteriaSchema() : criteriaSchema).parse(JSON.parse(text));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return defaultCriteria;
      const reason = error instanceof SyntaxError ? 'it is no JSON' : 'it holds no valid criteria';
      const what = (error as NodeJS.ErrnoException).code === undefined ? reason : (error as Error).message;
      const message = `the criteria file ${this.#path} cannot be used: ${what} — mend it, or move it away for the defaults`;
      throw told(new Error(message, { cause: error }), error);
    }
  }

  /** One after the other, in the order of the calls. Errors: DatabaseUnavailable where the file cannot be written. */
  write(criteria: Criteria): Promise<void> {
    const written = this.#writing.then(() => this.#replace(`${JSON.stringify(criteria, null, 2)}\n`));
    this.#writing = written.catch(() => undefined);
    return written;
  }

  #temporary(): string {
    return `${this.#path}.${process.pid}-${randomUUID()}.tmp`;
  }

  /** Whether a file can be made beside it: what permissions say is not all that counts. */
  async #try(): Promise<void> {
    const temporary = this.#temporary();
    await (await open(temporary, 'wx', 0o644)).close();
    await rm(temporary);
  }

  async #replace(text: string): Promise<void> {
    const temporary = this.#temporary();
    try {
      const file = await open(temporary, 'wx', 0o644);
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, this.#path);
      await syncFolder(dirname(this.#path));
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw orUnavailable(error, error);
    }
  }

  async #clear(folder: string): Promise<void> {
    const own = `${basename(this.#path)}.`;
    for (const name of await readdir(folder)) {
      if (!name.startsWith(own) || !name.endsWith('.tmp')) continue;
      const path = join(folder, name);
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }));
      if (Date.now() - mtimeMs > leftoverMs) await rm(path, { force: true });
    }
  }
}

/** What the system refuses (a full disk, a folder that may only be read) is an outage, whatever it is called. */
function orUnavailable<T>(error: T, cause: unknown): T | DatabaseUnavailable {
  const isOfSystem = (cause as NodeJS.ErrnoException).syscall !== undefined;
  return isOfSystem ? new DatabaseUnavailable(error) : error;
}

/** The new name itself must survive a crash of the machine; where folders cannot be synced (Windows) it is left to the system. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
