/**
 * A simulated optimiser: sessions that were started make progress until they complete or fail. One timer moves them all.
 * It knows those that were started here since it began: what a process leaves running when it ends stays so until it is
 * cancelled, for nothing in the database says which instance works on a session.
 */
import type { Session } from '../domain/session.ts';
import type { SessionEvent } from '../ports/events.ts';
import type { Log } from '../ports/log.ts';
import { DatabaseUnavailable, type SessionStore } from '../ports/stores.ts';

export interface OptimiserOptions {
  readonly stepMs?: number;
  /** From 0 up to 1. */
  readonly random?: () => number;
  /** Awaited before the next step: what a change makes stale is dropped here. */
  readonly onEvent: (event: SessionEvent) => Promise<void> | void;
  readonly log: Log;
}

const failShare = 0.08;

export class Optimiser {
  readonly #store: SessionStore;
  readonly #options: Required<OptimiserOptions>;
  readonly #running = new Map<string, Session>();
  #timer: NodeJS.Timeout | undefined;
  #step: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(store: SessionStore, options: OptimiserOptions) {
    this.#store = store;
    this.#options = { stepMs: 500, random: Math.random, ...options };
  }

  /** How many sessions it works on. */
  get size(): number {
    return this.#running.size;
  }

  track(session: Session): void {
    this.#running.set(session.id, session);
    void this.#options.onEvent({ name: 'session_started', session });
    this.#arm();
  }

  cancelled(session: Session): void {
    this.#running.delete(session.id);
    void this.#options.onEvent({ name: 'session_cancelled', session });
  }

  /** Resolves when the step under way is over. What runs goes on nowhere: it is a simulation. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#step;
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#stopped || this.#running.size === 0) return;
    this.#timer = setTimeout(() => {
      this.#step = this.advance().finally(() => {
        this.#timer = undefined;
        this.#arm();
      });
    }, this.#options.stepMs);
    this.#timer.unref();
  }

  /** One step of every session. */
  async advance(): Promise<void> {
    for (const session of [...this.#running.values()]) {
      try {
        await this.#advance(session);
      } catch (error) {
        // A database that is away comes back: the session waits. Anything else would fail again and again.
        if (error instanceof DatabaseUnavailable) return;
        this.#running.delete(session.id);
        this.#options.log.error({ err: error, session: session.id }, 'a session could not be moved on');
      }
    }
  }

  async #advance(session: Session): Promise<void> {
    const { random, onEvent } = this.#options;
    const progress = Math.min(100, session.progress_percent + 5 + Math.floor(random() * 20));
    const ends = progress >= 100;
    const fails = ends && random() < failShare;
    const changed = fails
      ? await this.#store.fail(session.id, 'the accuracy fell below its limit')
      : ends
        ? await this.#store.complete(session.id, 20 + Math.floor(random() * 60), 1 + Math.floor(random() * 30) / 10)
        : await this.#store.advance(session.id, progress);
    if (changed === undefined) {
      await this.#letGo(session.id);
      return;
    }
    if (ends) this.#running.delete(session.id);
    else this.#running.set(session.id, changed);
    await onEvent({
      name: fails ? 'session_failed' : ends ? 'session_completed' : 'session_progress',
      session: changed,
    });
  }

  /**
   * It does not run any more. Who cancelled it, here or on another instance, has said so; nobody but an earlier step of
   * ours can have ended it otherwise, and the answer to that step was lost.
   */
  async #letGo(id: string): Promise<void> {
    const session = await this.#store.find(id);
    this.#running.delete(id);
    if (session?.status !== 'completed' && session?.status !== 'failed') return;
    await this.#options.onEvent({ name: `session_${session.status}`, session });
  }
}
