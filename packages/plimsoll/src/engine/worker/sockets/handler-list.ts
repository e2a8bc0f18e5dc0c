/** The handlers of one event. The list is replaced, never changed: who is called is settled when the calling begins. */

const none: readonly never[] = [];

export class HandlerList<Handler> {
  standing: readonly Handler[] = none;

  /** Gives back what takes it off. */
  add(handler: Handler): () => void {
    this.standing = [...this.standing, handler];
    return () => {
      const at = this.standing.indexOf(handler);
      if (at >= 0) this.standing = this.standing.toSpliced(at, 1);
    };
  }
}
