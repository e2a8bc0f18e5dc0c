/**
 * The connections of one VU: up to `connectionsPerHost` for each origin, the last used first; further requests wait
 * in the order they came. Lean on purpose: 10,000 VUs hold one each.
 */
import { Connection, type ConnectionOwner, type ConnectionThread } from '../../../protocol/http1/connection.ts';
import type { DialPhase, DialTimings } from '../../../protocol/net/dial.ts';
import type { TransportError } from '../../../protocol/net/error-kind.ts';
import type { TestRecorder } from '../test-recorder.ts';
import type { TestOrigin } from './origins.ts';

/** A request that wants a connection. */
export interface Waiter {
  /** `timings`: of a connection that was made while it waited. */
  connected(connection: Connection, nowMs: number, timings?: DialTimings): void;
  /** `phase`: where the attempt to make one ended. */
  notConnected(error: TransportError, nowMs: number, phase: DialPhase): void;
}

/** What the connections of all VUs of a test share. */
export interface ConnectionSettings {
  readonly thread: ConnectionThread;
  readonly recorder: TestRecorder;
  readonly connectionsPerHost: number;
}

export class VuConnections {
  readonly #settings: ConnectionSettings;
  // One origin is the rule; more than one costs a map.
  #first: OriginPool | undefined;
  #others: Map<TestOrigin, OriginPool> | undefined;

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
  }

  pool(origin: TestOrigin): OriginPool {
    const first = this.#first;
    if (first === undefined) return (this.#first = new OriginPool(origin, this.#settings));
    if (first.origin === origin) return first;
    const others = (this.#others ??= new Map<TestOrigin, OriginPool>());
    let pool = others.get(origin);
    if (!pool) others.set(origin, (pool = new OriginPool(origin, this.#settings)));
    return pool;
  }

  /** Closes what is idle; what is busy closes when it is given back. */
  retire(): void {
    this.#first?.retire();
    if (this.#others) for (const pool of this.#others.values()) pool.retire();
  }

  /** Closes everything now. */
  close(): void {
    this.#first?.close();
    if (this.#others) for (const pool of this.#others.values()) pool.close();
  }
}

export class OriginPool implements ConnectionOwner {
  readonly origin: TestOrigin;
  readonly #settings: ConnectionSettings;
  readonly #connections: Connection[] = [];
  #idle: Connection[] = [];
  #waiting: Waiter[] | undefined;
  #onOpen: ((error: TransportError | undefined) => void) | undefined;
  #closing = false;

  constructor(origin: TestOrigin, settings: ConnectionSettings) {
    this.origin = origin;
    this.#settings = settings;
  }

  /** Makes a connection before anybody asks for it. */
  open(done: (error: TransportError | undefined) => void): void {
    // A VU's own set-up may have left one.
    if (this.#idle.length > 0) {
      done(undefined);
      return;
    }
    this.#onOpen = done;
    this.#dial();
  }

  /** Hot path: calls back at once when a connection is free. */
  acquire(waiter: Waiter, nowMs: number): void {
    const free = this.takeIdle(nowMs);
    if (free !== undefined) {
      waiter.connected(free, nowMs);
      return;
    }
    (this.#waiting ??= []).push(waiter);
    if (this.#connections.length < this.#settings.connectionsPerHost) this.#dial();
  }

  /** On none that is idle now: a server that has let go of one may have let go of all of them. */
  acquireFresh(waiter: Waiter, nowMs: number): void {
    for (const connection of this.#idle.splice(0)) connection.close();
    this.acquire(waiter, nowMs);
  }

  takeIdle(nowMs: number): Connection | undefined {
    for (;;) {
      const connection = this.#idle.pop();
      if (connection === undefined) return undefined;
      if (connection.state === 'open' && nowMs <= connection.reuseUntilMs) return connection;
      connection.close();
    }
  }

  /** Hot path: the exchange is over; or, with `timings`, the connection has just been made. */
  release(connection: Connection, nowMs: number, timings?: DialTimings): void {
    if (!connection.reusable || this.#closing) {
      connection.close();
    } else if (this.#waiting !== undefined && this.#waiting.length > 0) {
      this.#waiting.shift()!.connected(connection, nowMs, timings);
    } else {
      this.#idle.push(connection);
    }
  }

  /** A request that waits no longer. */
  forget(waiter: Waiter): void {
    const at = this.#waiting?.indexOf(waiter) ?? -1;
    if (at >= 0) this.#waiting!.splice(at, 1);
  }

  opened(connection: Connection, timings: DialTimings): void {
    const { recorder, thread } = this.#settings;
    recorder.connectionsOpened++;
    recorder.openConnections++;
    recorder.connect.record(timings.connectMs * 1000);
    if (timings.dnsMs > 0) recorder.dns.record(timings.dnsMs * 1000);
    if (timings.tlsMs > 0) recorder.tls.record(timings.tlsMs * 1000);
    const onOpen = this.#onOpen;
    this.#onOpen = undefined;
    this.release(connection, thread.clock.now(), timings);
    onOpen?.(undefined);
  }

  openFailed(connection: Connection, error: TransportError, phase: DialPhase): void {
    this.#drop(connection);
    const onOpen = this.#onOpen;
    this.#onOpen = undefined;
    onOpen?.(error);
    this.#waiting?.shift()?.notConnected(error, this.#settings.thread.clock.now(), phase);
    this.#openForWaiting();
  }

  closed(connection: Connection): void {
    this.#settings.recorder.openConnections--;
    this.#drop(connection);
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
    this.#openForWaiting();
  }

  /** How far the connection is that the first of the waiting will get; undefined: none is being made. */
  get dialPhase(): DialPhase | undefined {
    return this.#connections.find((connection) => connection.state === 'dialing')?.phase;
  }

  retire(): void {
    for (const connection of this.#idle.splice(0)) connection.close();
    for (const connection of this.#connections) connection.reusable = false;
  }

  close(): void {
    this.#closing = true;
    this.#waiting = undefined;
    for (const connection of [...this.#connections]) connection.close();
  }

  #dial(): void {
    const target = this.origin.nextTarget();
    this.#connections.push(new Connection(target, this.#settings.thread, this));
  }

  #openForWaiting(): void {
    const waiting = this.#waiting?.length ?? 0;
    const dialing = this.#connections.filter((connection) => connection.state === 'dialing').length;
    if (waiting > dialing && this.#connections.length < this.#settings.connectionsPerHost && !this.#closing)
      this.#dial();
  }

  #drop(connection: Connection): void {
    const at = this.#connections.indexOf(connection);
    if (at >= 0) this.#connections.splice(at, 1);
  }
}
