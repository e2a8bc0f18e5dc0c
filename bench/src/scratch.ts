/** A folder for everything of one bench: nginx's files, runs of the tool, artillery. Removed at the end. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class Scratch {
  readonly root = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'));

  /** nginx's worker runs as another user and must be able to read. */
  folder(name: string): string {
    const path = join(this.root, name);
    mkdirSync(path, { recursive: true });
    chmodSync(this.root, 0o755);
    chmodSync(path, 0o755);
    return path;
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
