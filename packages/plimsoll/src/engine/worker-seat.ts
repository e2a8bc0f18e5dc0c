/** One worker as the host keeps it: what it is waited for, when it was last heard of, what became of it. */
import type { HostMessage, WorkerMessage } from './channel.ts';
import type { SpawnWorker, WorkerHandle } from './worker-thread.ts';

export type WorkerState = 'alive' | 'died' | 'stuck';

/** A worker was lost while it was waited for. */
export class WorkerLost extends Error {
  readonly how: 'died' | 'stuck';

  constructor(how: 'died' | 'stuck', message: string) {
    super(message);
    this.name = 'WorkerLost';
    this.how = how;
  }
}

export class WorkerSeat {
  readonly index: number;
  readonly #handle: WorkerHandle;
  readonly #onMessage: (seat: WorkerSeat, message: WorkerMessage) => void;
  readonly #onLost: (seat: WorkerSeat) => void;
  state: WorkerState = 'alive';
  lostBecause = '';
  /** Ticks of the host without a word. The host's own ticks, so that a host that slept blames nobody. */
  silentTicks = 0;
  #waiting:
    | { readonly types: readonly string[]; resolve(message: WorkerMessage): void; reject(error: Error): void }
    | undefined;

  constructor(
    index: number,
    spawn: SpawnWorker,
    onMessage: (seat: WorkerSeat, message: WorkerMessage) => void,
    onLost: (seat: WorkerSeat) => void,
  ) {
    this.index = index;
    this.#onMessage = onMessage;
    this.#onLost = onLost;
    this.#handle = spawn({
      message: (message) => {
        this.#receive(message);
      },
      // As if the test had said it with `log`.
      printed: (level, text) => {
        this.#onMessage(this, { type: 'log', level, text, vu: -1 });
      },
      died: (reason) => {
        this.#lost('died', reason);
      },
    });
  }

  send(message: HostMessage): void {
    if (this.state === 'alive') this.#handle.send(message);
  }

  /** Sends and waits for one of the types; `failed` answers everything. Errors: WorkerLost. */
  ask<Type extends WorkerMessage['type']>(
    message: HostMessage,
    ...types: Type[]
  ): Promise<WorkerMessage & { type: Type | 'failed' }> {
    return new Promise((resolve, reject) => {
      if (this.state !== 'alive') {
        reject(new WorkerLost(this.state, this.lostBecause));
        return;
      }
      this.#waiting = {
        types: [...types, 'failed'],
        resolve: resolve as (message: WorkerMessage) => void,
        reject,
      };
      this.send(message);
    });
  }

  /** It has not answered for so long that it never will. */
  async giveUp(reason: string): Promise<void> {
    this.#lost('stuck', reason);
    await this.#handle.terminate();
  }

  async close(): Promise<void> {
    await this.#handle.terminate();
  }

  #receive(message: WorkerMessage): void {
    this.silentTicks = 0;
    const waiting = this.#waiting;
    if (waiting?.types.includes(message.type)) {
      this.#waiting = undefined;
      waiting.resolve(message);
    } else {
      this.#onMessage(this, message);
    }
  }

  #lost(how: 'died' | 'stuck', reason: string): void {
    if (this.state !== 'alive') return;
    this.state = how;
    this.lostBecause = reason;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(new WorkerLost(how, reason));
    this.#onLost(this);
  }
}
