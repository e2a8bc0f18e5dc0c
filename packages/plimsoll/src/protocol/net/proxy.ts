/** HTTP proxies: where they are, which hosts go past them, and the CONNECT handshake. */
import { ConfigurationError } from '../../kernel/errors.ts';
import { withoutSecrets } from '../../kernel/shown-url.ts';
import { transportError } from './error-kind.ts';
import type { TransportError } from './error-kind.ts';
import { basicAuthorization, userInfoOf } from './user-info.ts';

export interface ProxyTarget {
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** 'Basic …', the value of `proxy-authorization`; undefined without a user. */
  readonly authorization: string | undefined;
}

/** 'http://user:password@host:port' → proxy. The port is 80 unless given. Errors: ConfigurationError. */
export function parseProxy(text: string): ProxyTarget {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' || url.hostname === '') {
    throw new ConfigurationError(`the proxy '${withoutSecrets(text)}' is not an http:// URL`, {
      hint: "write 'http://user:password@host:port'",
    });
  }
  const userInfo = userInfoOf(url);
  return {
    host: url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname,
    port: url.port === '' ? 80 : Number(url.port),
    authorization: userInfo === undefined ? undefined : basicAuthorization(userInfo),
  };
}

/**
 * Whether connections to the host go straight there.
 *
 * @param noProxy entries as other tools read them: 'host' and '.domain' and '*.domain' mean the name and every name
 * below it, ':port' narrows, '*' means every host
 */
export function bypassesProxy(host: string, port: number, noProxy: readonly string[]): boolean {
  const name = host.toLowerCase();
  return noProxy.some((entry) => {
    const text = entry.trim().toLowerCase();
    if (text === '*') return true;
    const match = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(text);
    if (match?.[2] !== undefined && Number(match[2]) !== port) return false;
    const wanted = (match?.[1] ?? text).replace(/^\*?\./, '').replace(/^\[(.*)\]$/, '$1');
    return wanted !== '' && (name === wanted || name.endsWith(`.${wanted}`));
  });
}

/** The bytes that ask the proxy for a tunnel to the host. */
export function connectRequest(host: string, port: number, proxy: ProxyTarget): string {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const authorization = proxy.authorization === undefined ? '' : `proxy-authorization: ${proxy.authorization}\r\n`;
  return `CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${authorization}\r\n`;
}

/** 'more': bytes are missing. `rest`: what came after the head, already the tunnel's. */
export type ConnectAnswer =
  | { readonly state: 'more' }
  | { readonly state: 'open'; readonly rest: Uint8Array }
  | { readonly state: 'failed'; readonly error: TransportError };

const maximumHeadBytes = 16_384;

/** Reads the proxy's answer to CONNECT, split anywhere. */
export class ConnectAnswerReader {
  #received = Buffer.alloc(0);

  push(chunk: Uint8Array): ConnectAnswer {
    this.#received = Buffer.concat([this.#received, chunk]);
    for (;;) {
      const end = this.#received.indexOf('\r\n\r\n');
      if (end < 0) {
        if (this.#received.length <= maximumHeadBytes) return { state: 'more' };
        return failed(`the proxy's answer has a head of over ${maximumHeadBytes} bytes`);
      }
      const status = statusOf(this.#received.toString('latin1', 0, end));
      this.#received = this.#received.subarray(end + 4);
      if (status === undefined) return failed('the proxy does not answer in HTTP');
      // 1xx answers come before the one that counts.
      if (status >= 200) return outcome(status, this.#received);
    }
  }
}

function statusOf(head: string): number | undefined {
  const match = /^HTTP\/1\.[01] (\d{3})(?: [^\r\n]*)?(?:\r\n|$)/.exec(head);
  return match ? Number(match[1]) : undefined;
}

function outcome(status: number, rest: Uint8Array): ConnectAnswer {
  if (status < 300) return { state: 'open', rest };
  if (status === 407) {
    return failed("the proxy asks for a user and password; write 'http://user:password@host:port'", '407');
  }
  return failed(`the proxy refused to connect, with status ${status}`, String(status));
}

function failed(message: string, code = ''): ConnectAnswer {
  return { state: 'failed', error: transportError('proxy', message, code) };
}
