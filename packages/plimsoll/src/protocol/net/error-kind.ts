/** Why a request or a connection failed: a closed list of kinds, and the way from an error of Node to one of them. */

/** Every kind with its meaning; the reference page of errors is made from this list. */
export const errorKinds = {
  refused: 'Nobody listens there: the connection was refused, or the Unix socket does not exist.',
  unreachable: 'The network has no way to the host, or forbids it.',
  dns: 'The name of the host was not found, or the name service did not answer.',
  'connect-timeout': 'The connection, TLS and proxy included, was not made within `connectTimeout`.',
  tls: 'The TLS handshake failed: a certificate that is not valid, or no common version.',
  proxy: 'The proxy refused to connect, or did not answer as a proxy does.',
  reset: 'The server broke the connection off with a reset.',
  closed: 'The server closed the connection before the answer was whole.',
  timeout: 'The answer was not whole within `timeout`.',
  protocol: 'The answer is not valid HTTP/1.1.',
  'too-large': 'The head or the decoded body of the answer is larger than allowed.',
  decode: 'The body of the answer does not decode as its `content-encoding` says.',
  redirect: 'Too many redirects, or one that leads nowhere.',
  blocked: 'A redirect led to a host that is not allowed; nothing was sent there.',
  body: "The request's own body failed: its source threw, or was not as long as declared.",
  aborted: 'The test or the end of the run gave the request up.',
  'file-limit': 'This machine has no file descriptor left: the limit is too low for the connections asked for.',
  'port-limit':
    'This machine has no port left for a connection to that address: give more source addresses with `--source-address`.',
  namespace: 'The Socket.IO server refused the namespace asked for, or who asks.',
  'content-type': 'The answer to `sse.connect` is no event stream: its `content-type` says so.',
  status: 'The answer is whole, but its status is not the expected one.',
  other: 'Anything else; the code says what.',
} as const;

export type ErrorKind = keyof typeof errorKinds;

/** A failure as data. `code` is Node's or OpenSSL's own word for it, or '' where there is none. */
export interface TransportError {
  readonly kind: ErrorKind;
  /** One sentence for a person, without a full stop. */
  readonly message: string;
  readonly code: string;
}

/** What was going on: looking the name up, connecting, the TLS handshake, or a request on an open connection. */
export type Phase = 'dns' | 'connect' | 'tls' | 'exchange';

export function transportError(kind: ErrorKind, message: string, code = ''): TransportError {
  return { kind, message, code };
}

/**
 * The kind of an error thrown or emitted by node:net, node:tls or node:dns.
 *
 * @param endpoint whom it was about, 'host:port', for the message
 */
export function classify(error: unknown, phase: Phase, endpoint = 'the server'): TransportError {
  const code = codeOf(error);
  if (phase === 'dns') return transportError('dns', dnsSentence(code, endpoint), code);
  const tls = tlsSentence(code, error, endpoint);
  if (tls !== undefined) return transportError('tls', tls, code);
  const known = systemErrors[code];
  if (code === 'ETIMEDOUT' && phase !== 'exchange') {
    return transportError('connect-timeout', `${endpoint} did not answer the attempt to connect`, code);
  }
  if (code === 'EADDRNOTAVAIL' && syscallOf(error) === 'bind') {
    return transportError('unreachable', 'the source address does not belong to this machine', code);
  }
  if (known !== undefined) {
    const during = phase === 'tls' && known[0] === 'reset' ? ' during the TLS handshake' : '';
    return transportError(known[0], known[1].replace('%', endpoint) + during, code);
  }
  if (phase === 'tls') return transportError('tls', `TLS with ${endpoint} failed: ${messageOf(error)}`, code);
  return transportError('other', `${endpoint}: ${messageOf(error)}`, code);
}

/** `%` stands for the endpoint. */
const systemErrors: Readonly<Record<string, readonly [ErrorKind, string]>> = {
  ECONNREFUSED: ['refused', '% refused the connection'],
  ENOENT: ['refused', '% does not exist'],
  ENOTSOCK: ['refused', '% is not a socket'],
  ECONNRESET: ['reset', '% reset the connection'],
  ECONNABORTED: ['reset', '% broke the connection off'],
  EPIPE: ['reset', '% closed the connection while the request was being sent'],
  ETIMEDOUT: ['timeout', '% stopped answering on the network'],
  EHOSTUNREACH: ['unreachable', 'there is no way to %'],
  ENETUNREACH: ['unreachable', 'there is no network to %'],
  EHOSTDOWN: ['unreachable', '% is down'],
  ENETDOWN: ['unreachable', 'the network to % is down'],
  EAFNOSUPPORT: ['unreachable', 'this machine does not speak the address family of %'],
  EACCES: ['unreachable', 'this machine may not connect to %'],
  EPERM: ['unreachable', 'this machine may not connect to %'],
  EMFILE: ['file-limit', "the process's limit of open files is reached"],
  ENFILE: ['file-limit', "the machine's limit of open files is reached"],
  EADDRNOTAVAIL: [
    'port-limit',
    'no local port is left for connections to %; give more source addresses with --source-address',
  ],
  EADDRINUSE: [
    'port-limit',
    'no local port is left for connections to %; give more source addresses with --source-address',
  ],
};

function dnsSentence(code: string, endpoint: string): string {
  if (code === 'ENOTFOUND' || code === 'ENODATA') return `the name ${endpoint} was not found`;
  if (code === 'EAI_AGAIN') return `the name service did not answer for ${endpoint}`;
  return `looking ${endpoint} up failed (${code === '' ? 'no code' : code})`;
}

/** OpenSSL's verification codes, and Node's own for a name that does not match. */
const certificateErrors: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'the certificate of % has expired',
  CERT_NOT_YET_VALID: 'the certificate of % is not valid yet',
  CERT_REVOKED: 'the certificate of % has been revoked',
  CERT_UNTRUSTED: 'the certificate of % is not trusted',
  CERT_REJECTED: 'the certificate of % was rejected',
  CERT_SIGNATURE_FAILURE: 'the signature of the certificate of % is wrong',
  CERT_CHAIN_TOO_LONG: 'the certificate chain of % is too long',
  INVALID_CA: 'a certificate in the chain of % may not sign others',
  INVALID_PURPOSE: 'the certificate of % is not meant for a server',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate of % is self-signed; give it as `tls.ca`, or set `tls.insecure`',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate of % comes from an authority not trusted here; give it as `tls.ca`',
  UNABLE_TO_GET_ISSUER_CERT: 'an issuer in the certificate chain of % is missing; give it as `tls.ca`',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the issuer of the certificate of % is not known here; give it as `tls.ca`',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the issuer of the certificate of % is not known here; give it as `tls.ca`',
  ERR_SSL_WRONG_VERSION_NUMBER: '% does not speak TLS; is it an http:// address?',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: '% does not speak TLS; is it an http:// address?',
  ERR_SSL_UNSUPPORTED_PROTOCOL: '% speaks only TLS versions that are too old',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: '% shares no TLS version with this client',
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: '% does not offer HTTP/1.1 over TLS',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: '% asks for a client certificate; give `tls.cert` and `tls.key`',
  ERR_SSL_TLSV1_UNRECOGNIZED_NAME: '% does not know the server name that was asked for',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: '% does not trust the client certificate',
};

function tlsSentence(code: string, error: unknown, endpoint: string): string | undefined {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const names = isRecord(error) && typeof error['reason'] === 'string' ? altNamesIn(error['reason']) : '';
    return `the certificate of ${endpoint} is for another name${names}`;
  }
  const sentence = certificateErrors[code];
  if (sentence !== undefined) return sentence.replace('%', endpoint);
  // Older OpenSSL bindings put the reason into the message only.
  if (code === 'EPROTO' && messageOf(error).includes('wrong version number')) {
    return certificateErrors['ERR_SSL_WRONG_VERSION_NUMBER']!.replace('%', endpoint);
  }
  if (code === 'EPROTO' || /^(ERR_SSL_|ERR_TLS_|ERR_OSSL_)/.test(code)) {
    return `TLS with ${endpoint} failed: ${opensslReason(messageOf(error))}`;
  }
  return undefined;
}

/** Node's reason reads "Host: a. is not in the cert's altnames: DNS:b, IP Address:c". */
function altNamesIn(reason: string): string {
  const names = /altnames: (.*)$/.exec(reason)?.[1];
  return names === undefined ? '' : `: it names ${names.replaceAll(/DNS:|IP Address:/g, '')}`;
}

/** '80AB…:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/…' → 'wrong version number' */
function opensslReason(message: string): string {
  return /:error:[0-9A-F]+:[^:]*:[^:]*:([^:]*)/.exec(message)?.[1] ?? message.trim();
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function codeOf(error: unknown): string {
  return isRecord(error) && typeof error['code'] === 'string' ? error['code'] : '';
}

function syscallOf(error: unknown): string {
  return isRecord(error) && typeof error['syscall'] === 'string' ? error['syscall'] : '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
