/**
 * Standard output and standard error. When whoever reads them has gone (`| head`), the rest is dropped and the run goes
 * on: what it stores and its exit code still count.
 */
export interface Output {
  readonly isTerminal: boolean;
  readonly columns: number;
  write(text: string): void;
  /** Resolves when everything written has left the process, or never can. */
  flushed(): Promise<void>;
}

export function standardOutput(): Output {
  return new StreamOutput(process.stdout);
}

export function standardError(): Output {
  return new StreamOutput(process.stderr);
}

/** What the first Ctrl-C says. */
export function announceStop(): void {
  standardError().write('\nstopping; what there is will be judged and written (Ctrl-C again: end now)\n');
}

const closed = new WeakSet<NodeJS.WriteStream>();
const watched = new WeakSet<NodeJS.WriteStream>();

class StreamOutput implements Output {
  private readonly stream: NodeJS.WriteStream;

  constructor(stream: NodeJS.WriteStream) {
    this.stream = stream;
    if (watched.has(stream)) return;
    watched.add(stream);
    stream.on('error', () => {
      closed.add(stream);
    });
  }

  get isTerminal(): boolean {
    return this.stream.isTTY;
  }

  get columns(): number {
    // A terminal that does not know its width says 0.
    return this.stream.isTTY && this.stream.columns > 0 ? this.stream.columns : 80;
  }

  write(text: string): void {
    if (!closed.has(this.stream)) this.stream.write(text);
  }

  flushed(): Promise<void> {
    if (closed.has(this.stream)) return Promise.resolve();
    return new Promise((done) => {
      this.stream.write('', () => done());
    });
  }
}
