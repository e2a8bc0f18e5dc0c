/** Messages that have come and that nobody has taken, and who waits for one. Hot path: `put` where nobody waits. */

/** Older ones give way: a test that never takes a message must not fill memory. */
const mostMessages = 1000;

export interface Waiter<Message> {
  readonly wants: (message: Message) => boolean;
  /** `isHandled`: somebody has had it already. */
  readonly take: (message: Message, isHandled: boolean) => void;
  /** Nothing will come, or, with an error, `wants` threw it. */
  readonly fail: (error?: Error) => void;
}

export class Inbox<Message> {
  #messages: Message[] = [];
  /** So many of the first ones have given way, and are taken out together. */
  #gone = 0;
  #waiters: Waiter<Message>[] = [];
  /** What is kept is about to be offered to new handlers. */
  isOffering = false;

  /** Gives the message to the first who wants it, or keeps it. `isHandled`: somebody has had it already. */
  put(message: Message, isHandled: boolean): void {
    if (this.#waiters.length > 0 && this.#offer(message, isHandled)) return;
    if (!isHandled) this.hold(message);
  }

  /** Keeps it, whoever waits. */
  hold(message: Message): void {
    this.#messages.push(message);
    if (this.#messages.length - this.#gone <= mostMessages) return;
    this.#gone++;
    if (this.#gone === mostMessages) this.#takeOut();
  }

  /** true: somebody has it. */
  #offer(message: Message, isHandled: boolean): boolean {
    for (let at = 0; at < this.#waiters.length; at++) {
      const waiter = this.#waiters[at]!;
      let wanted: boolean;
      try {
        wanted = waiter.wants(message);
      } catch (error) {
        // What the test's predicate throws ends its wait, and the message is still to be had.
        this.#waiters.splice(at, 1);
        waiter.fail(error instanceof Error ? error : new Error(String(error)));
        return this.#offer(message, isHandled);
      }
      if (!wanted) continue;
      this.#waiters.splice(at, 1);
      waiter.take(message, isHandled);
      return true;
    }
    return false;
  }

  #takeOut(): void {
    if (this.#gone === 0) return;
    this.#messages.splice(0, this.#gone);
    this.#gone = 0;
  }

  /** All that is kept, oldest first; it is kept no longer. */
  takeAll(): readonly Message[] {
    this.#takeOut();
    return this.#messages.splice(0);
  }

  /** The oldest that is wanted. Throws what `wants` throws. */
  find(wants: (message: Message) => boolean): Message | undefined {
    this.#takeOut();
    const at = this.#messages.findIndex(wants);
    return at < 0 ? undefined : this.#messages.splice(at, 1)[0];
  }

  wait(waiter: Waiter<Message>): void {
    this.#waiters.push(waiter);
  }

  forget(waiter: Waiter<Message>): void {
    const at = this.#waiters.indexOf(waiter);
    if (at >= 0) this.#waiters.splice(at, 1);
  }

  /** Nothing more will come: whoever waits is told. What has come may still be taken. */
  failAll(): void {
    for (const waiter of this.#waiters.splice(0)) waiter.fail();
  }
}
