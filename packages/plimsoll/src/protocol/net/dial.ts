/** Makes a connection: name, TCP or Unix socket, tunnel through a proxy, TLS; with the time of each. */
import * as net from 'node:net';
import type * as tls from 'node:tls';
import type { Clock, TimerHandle } from '../../kernel/clock.ts';
import type { DnsCache, ResolvedAddress } from './dns-cache.ts';
import { classify, transportError } from './error-kind.ts';
import type { TransportError } from './error-kind.ts';
import { ConnectAnswerReader, connectRequest } from './proxy.ts';
import type { ProxyTarget } from './proxy.ts';
import { keepSession, openTls, tlsContextOf } from './tls-context.ts';
import type { TlsContext, TlsOptions } from './tls-context.ts';

/** Where to connect to, and how: one object for all connections that go there from one source address. */
export interface ConnectionTarget {
  readonly protocol: 'http:' | 'https:';
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** For the whole of connecting. */
  readonly connectTimeoutMs: number;
  /** Give one object to all connections that may share certificates and sessions: both are kept by its identity. */
  readonly tls: TlsOptions;
  readonly proxy?: ProxyTarget;
  /** Connects here; `host` still names the server in TLS. */
  readonly socketPath?: string;
  /** Only addresses of its family are tried. */
  readonly sourceAddress?: string;
}

/** What one connection is for. */
export interface ConnectionUse {
  /** Node's `onread`: one buffer for all connections of the thread, and where its bytes go. */
  readonly onread: {
    readonly buffer: Uint8Array;
    readonly callback: (bytesRead: number, buffer: Uint8Array) => boolean;
  };
  /** Through a proxy: CONNECT also without TLS, for what a proxy would not pass on as HTTP. */
  readonly tunnel?: boolean;
}

/** Of the thread: what all its connections share. */
export interface DialThread {
  readonly dns: DnsCache;
  readonly clock: Clock;
}

type Done = (result: DialResult) => void;

export interface DialTimings {
  /** 0 when the address was known. */
  readonly dnsMs: number;
  /** TCP, addresses that refused included; with a tunnel also the proxy's answer. */
  readonly connectMs: number;
  /** 0 without TLS. */
  readonly tlsMs: number;
  readonly totalMs: number;
}

export type DialResult =
  | {
      readonly ok: true;
      readonly socket: net.Socket;
      readonly timings: DialTimings;
      /** false: the socket emits 'data'; `onread` cannot work for TLS inside a tunnel. */
      readonly onreadActive: boolean;
    }
  | { readonly ok: false; readonly error: TransportError; readonly phase: DialPhase };

/** As in the timings: TCP is the way to the server or through the proxy. */
export type DialPhase = 'dns' | 'tcp' | 'tls';

/** How far the opening of what lives on the connection has come: in `upgrade` it waits for the answer's head. */
export type OpeningPhase = DialPhase | 'upgrade';

export interface Dial {
  /** What is going on, or was when it ended. */
  readonly phase: DialPhase;
  cancel(): void;
}

/**
 * Starts to connect. `done` is called once, after this function has returned and not after `cancel`. When it
 * returns, no listener of ours is left on the socket but one for a TLS session: attach 'error' and 'close' at once.
 */
export function dial(target: ConnectionTarget, use: ConnectionUse, thread: DialThread, done: Done): Dial {
  return new Dialling(target, use, thread, done);
}

type Stage = 'dns' | 'connect' | 'proxy' | 'tls' | 'over';

class Dialling implements Dial {
  readonly #target: ConnectionTarget;
  readonly #use: ConnectionUse;
  readonly #dns: DnsCache;
  readonly #clock: Clock;
  readonly #done: Done;
  readonly #timer: TimerHandle;
  /** Whom we connect to first: the proxy, or the server itself. */
  readonly #host: string;
  readonly #port: number;
  readonly #direct: boolean;
  readonly #startedMs: number;
  #resolvedMs = 0;
  #connectedMs = 0;
  #stage: Stage = 'dns';
  #phase: DialPhase = 'dns';
  #starting = true;
  #telling: TimerHandle | undefined;
  #socket: net.Socket | undefined;
  #tlsContext: TlsContext | undefined;
  #addresses: readonly ResolvedAddress[] = [];
  #attempt = 0;

  constructor(target: ConnectionTarget, use: ConnectionUse, { dns, clock }: DialThread, done: Done) {
    this.#target = target;
    this.#use = use;
    this.#dns = dns;
    this.#clock = clock;
    this.#done = done;
    const { proxy } = target;
    this.#direct = proxy === undefined || target.socketPath !== undefined;
    this.#host = this.#direct ? target.host : proxy!.host;
    this.#port = this.#direct ? target.port : proxy!.port;
    this.#startedMs = clock.now();
    this.#timer = clock.after(target.connectTimeoutMs, () => this.#timedOut());
    this.#start();
    this.#starting = false;
  }

  get phase(): DialPhase {
    return this.#phase;
  }

  cancel(): void {
    this.#telling?.cancel();
    if (this.#stage === 'over') return;
    this.#stage = 'over';
    this.#timer.cancel();
    this.#drop();
  }

  #start(): void {
    if (this.#target.socketPath !== undefined) {
      this.#resolvedMs = this.#startedMs;
      this.#connect();
      return;
    }
    this.#dns.resolve(this.#host, (error, addresses) => {
      if (this.#stage === 'over') return;
      // What was known already took no time.
      this.#resolvedMs = this.#starting ? this.#startedMs : this.#clock.now();
      if (error !== undefined) {
        this.#fail(classify(error, 'dns', this.#host));
        return;
      }
      const family = net.isIP(this.#target.sourceAddress ?? '');
      this.#addresses = family === 0 ? addresses : addresses.filter((address) => address.family === family);
      if (this.#addresses.length > 0) this.#connect();
      else this.#fail(transportError('unreachable', `${this.#endpoint()} has no address of the source's family`));
    });
  }

  #connect(): void {
    this.#stage = 'connect';
    this.#phase = 'tcp';
    const secure = this.#target.protocol === 'https:';
    try {
      if (secure) this.#tlsContext = tlsContextOf(this.#target.tls);
      this.#socket = secure && this.#direct ? this.#openTls() : this.#openPlain();
    } catch (error) {
      const failure = this.#misconfigured(error);
      if (failure.kind === 'tls') this.#phase = 'tls';
      this.#fail(failure);
      return;
    }
    this.#socket.on('connect', this.#onConnect);
    if (secure) this.#socket.once('secureConnect', this.#onSecure);
    this.#listen();
  }

  #openPlain(): net.Socket {
    return net.connect(this.#destination(this.#isTunnelled ? undefined : this.#use.onread));
  }

  get #isTunnelled(): boolean {
    return !this.#direct && (this.#target.protocol === 'https:' || this.#use.tunnel === true);
  }

  #openTls(): tls.TLSSocket {
    return openTls(this.#target, this.#tlsContext!, this.#destination(this.#use.onread));
  }

  #destination(onread: ConnectionUse['onread'] | undefined): net.SocketConnectOpts {
    const { socketPath, sourceAddress } = this.#target;
    const destination: net.SocketConnectOpts =
      socketPath === undefined
        ? { host: this.#addresses[this.#attempt]!.address, port: this.#port }
        : { path: socketPath };
    if (onread !== undefined) destination.onread = onread;
    if (sourceAddress !== undefined && 'host' in destination) destination.localAddress = sourceAddress;
    return destination;
  }

  readonly #onConnect = (): void => {
    this.#connectedMs = this.#clock.now();
    this.#socket!.setNoDelay(true);
    if (this.#isTunnelled) this.#openTunnel();
    else if (this.#target.protocol === 'http:') this.#succeed();
    else this.#beginTls();
  };

  #beginTls(): void {
    this.#stage = 'tls';
    this.#phase = 'tls';
  }

  #openTunnel(): void {
    const { host, port, proxy } = this.#target;
    const socket = this.#socket!;
    const reader = new ConnectAnswerReader();
    this.#stage = 'proxy';
    socket.on('data', (chunk: Buffer) => {
      const answer = reader.push(chunk);
      if (answer.state === 'failed') this.#fail(answer.error);
      if (answer.state !== 'open') return;
      if (answer.rest.length > 0) {
        this.#fail(transportError('proxy', 'the proxy sent bytes of its own into the tunnel'));
        return;
      }
      this.#connectedMs = this.#clock.now();
      if (this.#target.protocol === 'http:') {
        this.#succeed();
        return;
      }
      socket.removeAllListeners('data');
      this.#unlisten(socket);
      socket.on('error', ignore);
      socket.pause();
      this.#beginTls();
      this.#socket = openTls(this.#target, this.#tlsContext!, { socket });
      this.#socket.once('secureConnect', this.#onSecure);
      this.#listen();
    });
    socket.write(connectRequest(host, port, proxy!), 'latin1');
  }

  readonly #onSecure = (): void => {
    keepSession(this.#socket as tls.TLSSocket, this.#tlsContext!, this.#target);
    this.#succeed();
  };

  /** With `on`, as 'connect': `once` makes two objects for each, and all are taken off when dialling is over. */
  #listen(): void {
    this.#socket!.on('error', this.#onError);
    this.#socket!.on('close', this.#onClose);
  }

  #unlisten(socket: net.Socket): void {
    socket.removeListener('connect', this.#onConnect);
    socket.removeListener('secureConnect', this.#onSecure);
    socket.removeListener('error', this.#onError);
    socket.removeListener('close', this.#onClose);
  }

  readonly #onError = (error: Error): void => {
    const failure = classify(error, this.#stage === 'tls' ? 'tls' : 'connect', this.#endpoint());
    const elsewhere = failure.kind === 'refused' || failure.kind === 'unreachable';
    if (this.#stage === 'connect' && elsewhere && this.#tryNext()) return;
    this.#fail(failure);
  };

  /** Another address of the name may listen where this one did not. */
  #tryNext(): boolean {
    if (this.#attempt + 1 >= this.#addresses.length) return false;
    this.#dns.avoid(this.#host, this.#addresses[this.#attempt]!.address);
    this.#drop();
    this.#attempt += 1;
    this.#connect();
    return true;
  }

  readonly #onClose = (): void => {
    const message = `${this.#endpoint()} closed the connection while it was being made`;
    this.#fail(transportError(this.#stage === 'proxy' ? 'proxy' : 'reset', message));
  };

  #timedOut(): void {
    const waitingFor = {
      dns: `the name service did not answer for ${this.#host}`,
      connect: `${this.#endpoint()} did not accept the connection`,
      proxy: `${this.#endpoint()} did not answer CONNECT`,
      tls: `${this.#endpoint()} did not finish the TLS handshake`,
      over: '',
    }[this.#stage];
    this.#fail(transportError('connect-timeout', `${waitingFor} within ${this.#target.connectTimeoutMs} ms`));
  }

  /** Thrown, not emitted: certificates that do not parse, a source address that is none. */
  #misconfigured(error: unknown): TransportError {
    const { kind, code, message } = classify(error, 'connect', this.#endpoint());
    const reason = error instanceof Error ? error.message : message;
    if (this.#tlsContext === undefined && this.#target.protocol === 'https:') {
      return transportError('tls', `the CA, certificate, key or passphrase given cannot be used: ${reason}`, code);
    }
    return transportError(kind, `the connection cannot be made: ${reason}`, code);
  }

  /** Whom the message is about, as 'host:port'. */
  #endpoint(): string {
    if (this.#target.socketPath !== undefined) return this.#target.socketPath;
    const through = this.#direct || this.#stage === 'tls';
    const host = through ? this.#target.host : this.#host;
    const port = through ? this.#target.port : this.#port;
    const name = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    return through ? name : `the proxy ${name}`;
  }

  #succeed(): void {
    const endedMs = this.#clock.now();
    const { protocol } = this.#target;
    const secure = protocol === 'https:';
    const socket = this.#socket!;
    this.#stage = 'over';
    this.#timer.cancel();
    if (this.#isTunnelled) socket.removeAllListeners('data');
    const timings = {
      dnsMs: this.#resolvedMs - this.#startedMs,
      connectMs: this.#connectedMs - this.#resolvedMs,
      tlsMs: secure ? endedMs - this.#connectedMs : 0,
      totalMs: endedMs - this.#startedMs,
    };
    try {
      this.#done({ ok: true, socket, timings, onreadActive: !this.#isTunnelled });
    } finally {
      // Behind those who listen now: an event that nobody listens to for a moment is deleted from the socket's table of
      // listeners, and the table becomes a slow one of 0.4 KB.
      this.#unlisten(socket);
    }
  }

  /**
   * Told in a turn of its own. Some attempts fail before the event loop turns: no port left, no file left. Who then
   * dials again at once, and again, would keep everything else from its turn.
   */
  #fail(error: TransportError): void {
    if (this.#stage === 'over') return;
    this.#stage = 'over';
    this.#timer.cancel();
    this.#drop();
    this.#telling = this.#clock.soon(() => this.#done({ ok: false, error, phase: this.#phase }));
  }

  #drop(): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    this.#socket = undefined;
    socket.removeAllListeners('data');
    this.#unlisten(socket);
    socket.on('error', ignore);
    socket.destroy();
  }
}

/** A socket given up may still report an error, which would otherwise end the process. */
function ignore(): void {
  // Nothing is left to tell.
}
