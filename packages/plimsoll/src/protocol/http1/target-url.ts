/** From what a test writes, a path or an absolute URL, to where it goes. */
import { UsageError } from '../../kernel/errors.ts';
import { withoutSecrets } from '../../kernel/shown-url.ts';
import { userInfoOf } from '../net/user-info.ts';
import type { UserInfo } from '../net/user-info.ts';

/** Where connections go. Parsed once: the same text gives the same object while the thread's cache holds it. */
export interface Origin {
  readonly protocol: 'http:' | 'https:';
  /** Lower case, punycode, no brackets around IPv6. */
  readonly host: string;
  readonly port: number;
  /** 'host', or 'host:port' where the port is not the default; IPv6 in brackets. */
  readonly hostHeader: string;
  /** 'http://host:port', default port left out; for a Unix socket 'unix:/path.sock'. Equal text means same origin. */
  readonly href: string;
  readonly socketPath?: string;
}

export interface TargetUrl {
  readonly origin: Origin;
  /** Path and query, from '/', without a fragment; not percent-encoded here. */
  readonly path: string;
  /** From 'http://user:password@host'. */
  readonly basic?: UserInfo;
}

/** The base of all relative paths: `path` is what stands before them, '' or '/api'. */
export type BaseUrl = TargetUrl;

/** 'http://host:8080/api/' or 'unix:/run/app.sock' → base. Errors: UsageError. */
export function parseBase(text: string): BaseUrl {
  const url = parseUrl(text.trim());
  const path = url.path.replace(/[?].*$/, '').replace(/\/+$/, '');
  return { ...url, path };
}

/**
 * Hot path. Where a request goes: an absolute URL as it stands, anything else appended to the base.
 *
 * Errors: UsageError when the URL does not parse, or the path is relative and there is no base.
 */
export function resolveUrl(base: BaseUrl | undefined, path: string): TargetUrl {
  if (path.charCodeAt(0) !== slash && isAbsolute(path)) return parseUrl(path);
  if (base === undefined) {
    throw new UsageError(`'${withoutSecrets(path)}' is not an absolute URL, and there is no target`, {
      hint: "write 'http://…', or name a target with --target",
    });
  }
  const joined = base.path + withSlash(cutFragment(path), base.path);
  if (base.basic === undefined) return { origin: base.origin, path: joined };
  return { origin: base.origin, path: joined, basic: base.basic };
}

const slash = 0x2f;
const question = 0x3f;

function isAbsolute(path: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/|^unix:/i.test(path);
}

function cutFragment(path: string): string {
  const hash = path.indexOf('#');
  return hash < 0 ? path : path.slice(0, hash);
}

function withSlash(path: string, before: string): string {
  const first = path.charCodeAt(0);
  if (first === slash) return path;
  // '' and '?a=1' leave a base with a path as it is: '/api?a=1', not '/api/?a=1'.
  if (before !== '' && (path === '' || first === question)) return path;
  return `/${path}`;
}

function parseUrl(text: string): TargetUrl {
  if (/^unix:/i.test(text)) return parseUnix(text);
  const afterScheme = text.indexOf('://') + 3;
  const pathAt = afterScheme < 3 ? -1 : indexOfFirst(text, afterScheme);
  const authority = pathAt < 0 ? text : text.slice(0, pathAt);
  const known = authorities.get(authority) ?? parseAuthority(authority, text);
  const rest = pathAt < 0 ? '' : cutFragment(text.slice(pathAt));
  return { ...known, path: withSlash(rest, '') };
}

/** Where the path, query or fragment begins: the first of '/', '\', '?', '#'. */
function indexOfFirst(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === slash || code === 0x5c || code === question || code === 0x23) return i;
  }
  return -1;
}

type Authority = Omit<TargetUrl, 'path'>;

/** Parsing by the WHATWG rules takes microseconds; a test has few hosts. Bounded, for tests that make names up. */
const authorities = new Map<string, Authority>();
const maximumAuthorities = 1000;

function parseAuthority(authority: string, text: string): Authority {
  const url = URL.canParse(authority) ? new URL(authority) : undefined;
  if (url === undefined) {
    throw new UsageError(`'${withoutSecrets(text)}' is not a URL`, { hint: "write it as 'http://host:port/path'" });
  }
  const { protocol } = url;
  if ((protocol !== 'http:' && protocol !== 'https:') || url.hostname === '') {
    throw new UsageError(`'${withoutSecrets(text)}' is not an http:// or https:// URL`, {
      hint: "write it as 'http://host:port/path'",
    });
  }
  const origin: Origin = {
    protocol,
    host: url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname,
    port: url.port === '' ? (protocol === 'https:' ? 443 : 80) : Number(url.port),
    hostHeader: url.host,
    href: url.origin,
  };
  const basic = userInfoOf(url);
  const parsed = basic === undefined ? { origin } : { origin, basic };
  if (authorities.size >= maximumAuthorities) authorities.clear();
  authorities.set(authority, parsed);
  return parsed;
}

/** 'unix:/run/app.sock:/path' → plain HTTP over the socket, host `localhost`. The second colon ends the file's name. */
function parseUnix(text: string): TargetUrl {
  const match = /^unix:(?:\/\/)?(\/[^:]+)(?::(\/.*))?$/i.exec(text);
  if (!match) {
    throw new UsageError(`'${text}' is not the address of a Unix socket`, { hint: "write 'unix:/run/app.sock:/path'" });
  }
  const socketPath = match[1]!;
  const href = `unix:${socketPath}`;
  const origin = { protocol: 'http:', host: 'localhost', port: 80, hostHeader: 'localhost', href, socketPath } as const;
  return { origin, path: cutFragment(match[2] ?? '/') };
}
