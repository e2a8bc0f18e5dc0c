/**
 * A file that is always whole: each version is written beside it and then takes its place in one step. A reader, and a
 * process killed at any moment, sees the version before or the version after. No fsync: it guards against a dead process,
 * not against a dead machine, and would cost the disk's latency each second.
 */
import { rename, rm, writeFile } from 'node:fs/promises';

export class ReplacedFile {
  readonly path: string;
  /** Whether the version that was written last is in place. */
  isCurrent = true;
  private next: (() => string) | undefined;
  private writing: Promise<void> | undefined;
  private readonly onError: (error: unknown) => void;

  constructor(path: string, onError: (error: unknown) => void) {
    this.path = path;
    this.onError = onError;
  }

  /** Does not wait; of versions that come while one is being written, the last one wins. */
  replace(content: () => string): void {
    this.next = content;
    this.writing ??= this.drain();
  }

  /** Resolves when the last version is in place or has failed; never rejects. */
  async settled(): Promise<void> {
    await this.writing;
  }

  private async drain(): Promise<void> {
    const temporary = `${this.path}.tmp`;
    while (this.next !== undefined) {
      const content = this.next;
      this.next = undefined;
      try {
        await writeFile(temporary, content());
        await rename(temporary, this.path);
        this.isCurrent = true;
      } catch (error) {
        this.isCurrent = false;
        // What is half written would only take room from a disk that is full.
        await rm(temporary, { force: true }).catch(() => undefined);
        this.onError(error);
      }
    }
    this.writing = undefined;
  }
}
