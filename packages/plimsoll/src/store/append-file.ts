/**
 * A file that lines are added to while a run goes on. Adding never waits for the disk: lines gather in memory, one write
 * is under way at a time, and beyond a bound new lines are dropped and counted. Where the file cannot be opened, they wait
 * for the next line, or the end: a shortage of files passes.
 */
import { open, type FileHandle } from 'node:fs/promises';

export interface AppendOptions {
  /** Bytes that may wait for the disk. Default 16 MiB. */
  readonly maxPendingBytes?: number;
  /** Called for every failed write. */
  readonly onError: (error: unknown) => void;
}

export class AppendFile {
  readonly path: string;
  /** Lines that never reached the disk: there were too many at once, or writing failed. */
  droppedLines = 0;
  private readonly options: AppendOptions;
  private pending: string[] = [];
  private pendingBytes = 0;
  private handle: FileHandle | undefined;
  private writing: Promise<void> | undefined;
  /** A write stopped somewhere inside a line: the next one starts on a new line. */
  private torn = false;

  constructor(path: string, options: AppendOptions) {
    this.path = path;
    this.options = options;
  }

  /** @param line without a line break */
  append(line: string): void {
    const bytes = Buffer.byteLength(line) + 1;
    if (this.pendingBytes + bytes > (this.options.maxPendingBytes ?? 16 * 1024 * 1024)) {
      this.droppedLines++;
      return;
    }
    this.pending.push(line);
    this.pendingBytes += bytes;
    this.writing ??= this.drain();
  }

  /** Whether the file could not be opened for what was added. */
  get isWaiting(): boolean {
    return this.pending.length > 0 && this.writing === undefined;
  }

  /** Resolves when everything added so far is written or waits; never rejects. */
  async settled(): Promise<void> {
    await this.writing;
  }

  /** Resolves when everything added so far is written or given up; never rejects. The file can be added to again. */
  async close(): Promise<void> {
    await this.writing;
    if (this.pending.length > 0) await (this.writing ??= this.drain());
    this.droppedLines += this.pending.length;
    this.pending = [];
    this.pendingBytes = 0;
    await this.handle?.close().catch(this.options.onError);
    this.handle = undefined;
  }

  private async drain(): Promise<void> {
    while (this.pending.length > 0 && (await this.isOpen())) {
      const lines = this.pending;
      const bytes = this.pendingBytes;
      this.pending = [];
      try {
        await this.handle!.appendFile(`${this.torn ? '\n' : ''}${lines.join('\n')}\n`);
        this.torn = false;
      } catch (error) {
        this.droppedLines += lines.length;
        this.torn = true;
        this.options.onError(error);
      }
      this.pendingBytes -= bytes;
    }
    this.writing = undefined;
  }

  private async isOpen(): Promise<boolean> {
    try {
      this.handle ??= await open(this.path, 'a');
      return true;
    } catch (error) {
      this.options.onError(error);
      return false;
    }
  }
}
