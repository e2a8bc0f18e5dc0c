/** A subscriber on one connection, from when it stands to how it ended. */
import { SocketFault } from '../sockets/socket-fault.ts';

/** 'unjoined': a join came to nothing, and who is not in its rooms has no use for the connection. */
export type HowItEnded = 'over' | 'cut' | 'lost' | 'unjoined';

export class Stay {
  readonly ended: Promise<HowItEnded>;
  /** undefined while it lasts. */
  how: HowItEnded | undefined = undefined;
  /** By what the role that joins threw. */
  thrown: { readonly error: unknown } | undefined = undefined;
  #tell: (how: HowItEnded) => void = () => undefined;

  constructor() {
    this.ended = new Promise((resolve) => {
      this.#tell = resolve;
    });
  }

  /** The first word holds. */
  end(how: HowItEnded, thrown?: { readonly error: unknown }): void {
    if (this.how !== undefined) return;
    this.how = how;
    this.thrown = thrown;
    this.#tell(how);
  }

  /** Rejects when it ends by our own doing: what ended by itself, a join finds out. Errors: SocketFault. */
  async unacknowledged(): Promise<void> {
    const how = await this.ended;
    if (how === 'over') throw new SocketFault('timeout', 'not acknowledged by the end of the test');
    if (how === 'cut') throw new SocketFault('closed', 'not acknowledged when the storm cut the connection');
    await new Promise<never>(() => undefined);
  }
}
