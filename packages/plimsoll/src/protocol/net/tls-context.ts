/** TLS as a client: what connections of one configuration share, and how one is opened. */
import * as net from 'node:net';
import type * as tls from 'node:tls';
import { builtIn } from '../../kernel/built-in.ts';

/** PEM text throughout; the same shape as the plan's. */
export interface TlsOptions {
  /** Trusted instead of the built-in authorities. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
  /** Sent as SNI and checked against the certificate, instead of the host of the URL. */
  readonly serverName?: string;
  /** true: certificates are not verified. */
  readonly insecure?: boolean;
}

export interface TlsContext {
  readonly secureContext: tls.SecureContext;
  /** By 'name:port'. */
  readonly sessions: Map<string, Buffer>;
}

/** Parsing certificates takes milliseconds, so it is done once for each options object, by identity. */
const contexts = new WeakMap<TlsOptions, TlsContext>();

/** Throws what OpenSSL throws when a certificate, key or passphrase is wrong. */
export function tlsContextOf(options: TlsOptions): TlsContext {
  const known = contexts.get(options);
  if (known !== undefined) return known;
  const { ca, cert, key, passphrase } = options;
  const context: TlsContext = {
    secureContext: builtIn.tls().createSecureContext({ ca, cert, key, passphrase }),
    sessions: new Map(),
  };
  contexts.set(options, context);
  return context;
}

/** Whom the connection is for, whatever it goes through. */
export interface TlsPeer {
  readonly host: string;
  readonly port: number;
  readonly tls: TlsOptions;
}

/** A new connection, or one that exists already, such as a tunnel: there `onread` has no effect in Node. */
export type Transport = net.SocketConnectOpts | { readonly socket: net.Socket };

/** Begins the handshake; 'secureConnect' ends it. Offers HTTP/1.1 alone, and resumes a session where one is known. */
export function openTls(peer: TlsPeer, context: TlsContext, transport: Transport): tls.TLSSocket {
  const session = context.sessions.get(sessionKey(peer));
  return builtIn.tls().connect({
    servername: serverName(peer),
    secureContext: context.secureContext,
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: peer.tls.insecure !== true,
    ...(session !== undefined && { session }),
    host: peer.host,
    ...transport,
  });
}

/** SNI; '' for IP literals, where there is none (RFC 6066) and the certificate is checked against the address. */
function serverName(peer: TlsPeer): string {
  const name = peer.tls.serverName ?? peer.host;
  if (net.isIP(name) !== 0) return '';
  return name.endsWith('.') ? name.slice(0, -1) : name;
}

function sessionKey(peer: TlsPeer): string {
  return `${peer.tls.serverName ?? peer.host}:${peer.port}`;
}

/** Bounded, for tests with many hosts. */
const maximumSessions = 1000;

/**
 * Keeps the session for the next connection, unless this one resumed one itself. To be called once the handshake is
 * over. With TLS 1.3 the session arrives later still, so a listener stays on the socket until then.
 */
export function keepSession(socket: tls.TLSSocket, context: TlsContext, peer: TlsPeer): void {
  if (socket.isSessionReused()) return;
  const key = sessionKey(peer);
  if (socket.getProtocol() === 'TLSv1.3') {
    socket.once('session', (session: Buffer) => remember(context, key, session));
    return;
  }
  const session = socket.getSession();
  if (session !== undefined) remember(context, key, session);
}

function remember({ sessions }: TlsContext, key: string, session: Buffer): void {
  if (sessions.size >= maximumSessions) sessions.clear();
  sessions.set(key, session);
}
