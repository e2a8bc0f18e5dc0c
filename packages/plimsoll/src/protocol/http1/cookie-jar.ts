/**
 * The cookies of one VU, after RFC 6265.
 *
 * The list of public suffixes is not included: a cookie for `co.uk` is refused only for names without any dot. A load
 * test talks to few hosts, all its own. As in browsers, `Secure` cookies go to this machine over plain HTTP too.
 */
import { isIP } from 'node:net';
import { isLoopback } from '../../kernel/guard.ts';
import { parseCookieDate } from './cookie-date.ts';

/** The parts of a URL that decide about cookies. */
export interface CookieUrl {
  /** Lower case, without brackets. */
  readonly host: string;
  /** From '/'; a query does no harm. */
  readonly path: string;
  readonly secure: boolean;
}

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  readonly hostOnly: boolean;
  readonly path: string;
  readonly secure: boolean;
  /** Infinity: until the VU ends. */
  readonly expiresMs: number;
}

/** As browsers do; with 10,000 VUs it also bounds what a careless server can cost. */
const maximumCookies = 180;
const maximumCookieBytes = 4096;

export class CookieJar {
  /** Longer paths first, then the older cookie: the order in which they are sent. */
  readonly #cookies: Cookie[] = [];

  /** Hot path: nothing else needs to be asked then. */
  get isEmpty(): boolean {
    return this.#cookies.length === 0;
  }

  get size(): number {
    return this.#cookies.length;
  }

  /**
   * Stores, replaces or (with a date in the past) removes one cookie. What RFC 6265 says to ignore is ignored.
   *
   * @param line the value of one `Set-Cookie` header
   * @param nowMs wall-clock time
   */
  setFromHeader(line: string, url: CookieUrl, nowMs: number): void {
    const cookie = parseSetCookie(line, url, nowMs);
    if (cookie === undefined) return;
    const cookies = this.#cookies;
    const known = cookies.findIndex(
      ({ name, domain, path }) => name === cookie.name && domain === cookie.domain && path === cookie.path,
    );
    if (cookie.expiresMs <= nowMs) {
      if (known >= 0) cookies.splice(known, 1);
    } else if (known >= 0) {
      cookies[known] = cookie;
    } else {
      if (cookies.length >= maximumCookies) this.#makeRoom(nowMs);
      const place = cookies.findIndex((other) => other.path.length < cookie.path.length);
      cookies.splice(place < 0 ? cookies.length : place, 0, cookie);
    }
  }

  /** 'a=1; b=2' for the request, or ''. */
  headerFor(url: CookieUrl, nowMs: number): string {
    let header = '';
    for (const cookie of this.#cookies) {
      if (!isFor(cookie, url) || cookie.expiresMs <= nowMs) continue;
      const pair = cookie.name === '' ? cookie.value : `${cookie.name}=${cookie.value}`;
      header = header === '' ? pair : `${header}; ${pair}`;
    }
    return header;
  }

  clear(): void {
    this.#cookies.length = 0;
  }

  /** Expired cookies go first, else the one that would be sent last. */
  #makeRoom(nowMs: number): void {
    const expired = this.#cookies.findIndex((cookie) => cookie.expiresMs <= nowMs);
    this.#cookies.splice(expired < 0 ? this.#cookies.length - 1 : expired, 1);
  }
}

function isFor(cookie: Cookie, url: CookieUrl): boolean {
  if (cookie.hostOnly ? cookie.domain !== url.host : !isWithin(url.host, cookie.domain)) return false;
  return pathMatches(url.path, cookie.path) && (!cookie.secure || url.secure || isLoopback(url.host));
}

function isWithin(host: string, domain: string): boolean {
  return host === domain || (host.endsWith(`.${domain}`) && isIP(host) === 0);
}

/** '/a' is for '/a', '/a/b' and '/a?c', not for '/ab'. */
function pathMatches(path: string, prefix: string): boolean {
  if (!path.startsWith(prefix)) return false;
  if (path.length === prefix.length || prefix.endsWith('/')) return true;
  const next = path[prefix.length];
  return next === '/' || next === '?';
}

function parseSetCookie(line: string, url: CookieUrl, nowMs: number): Cookie | undefined {
  // Control characters would end the header line they are sent back in (RFC 6265bis, 5.6).
  if (line.length > maximumCookieBytes || /[\x00-\x08\x0a-\x1f\x7f]/.test(line)) return undefined;
  const [pair = '', ...attributes] = asBytes(line).split(';');
  const equals = pair.indexOf('=');
  const name = pair.slice(0, Math.max(equals, 0)).trim();
  const value = pair.slice(equals + 1).trim();
  if (name === '') return undefined;
  const found = readAttributes(attributes);
  const domain = domainFor(found.get('domain') ?? '', url.host);
  if (domain === undefined) return undefined;
  const path = found.get('path') ?? '';
  return {
    name,
    value,
    domain: domain === '' ? url.host : domain,
    hostOnly: domain === '',
    path: path.startsWith('/') ? path : defaultPath(url.path),
    secure: found.has('secure'),
    expiresMs: expiryMs(found, nowMs),
  };
}

/** The head is written as latin1; what is not latin1 goes as the bytes of UTF-8, as browsers send it. */
function asBytes(line: string): string {
  return /[^\x00-\xff]/.test(line) ? Buffer.from(line, 'utf8').toString('latin1') : line;
}

/** Names in lower case; the last of several counts. */
function readAttributes(attributes: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const attribute of attributes) {
    const equals = attribute.indexOf('=');
    const name = (equals < 0 ? attribute : attribute.slice(0, equals)).trim().toLowerCase();
    found.set(name, equals < 0 ? '' : attribute.slice(equals + 1).trim());
  }
  return found;
}

/** The domain the cookie is for; '': this host alone; undefined: the host may not set it. */
function domainFor(attribute: string, host: string): string | undefined {
  const domain = attribute.toLowerCase().replace(/^\./, '');
  if (domain === '') return '';
  if (domain === host && (isIP(host) !== 0 || !domain.includes('.'))) return '';
  return domain.includes('.') && isWithin(host, domain) ? domain : undefined;
}

/** The directory of the request (RFC 6265, section 5.1.4). */
function defaultPath(path: string): string {
  const question = path.indexOf('?');
  const slash = path.lastIndexOf('/', question < 0 ? path.length : question);
  return slash <= 0 ? '/' : path.slice(0, slash);
}

/** `Max-Age` wins over `Expires`; neither: Infinity. */
function expiryMs(attributes: ReadonlyMap<string, string>, nowMs: number): number {
  const maxAge = attributes.get('max-age');
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) {
    const seconds = Number(maxAge);
    return seconds <= 0 ? -Infinity : nowMs + seconds * 1000;
  }
  const expires = attributes.get('expires');
  return (expires === undefined ? undefined : parseCookieDate(expires)) ?? Infinity;
}
