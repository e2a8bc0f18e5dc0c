/** What follows an answer with a `location` (RFC 9110, section 15.4; methods as browsers do it). Pure. */
import { withoutSecrets } from '../../kernel/shown-url.ts';
import { transportError } from '../net/error-kind.ts';
import type { TransportError } from '../net/error-kind.ts';
import { resolveUrl } from './target-url.ts';
import type { TargetUrl } from './target-url.ts';

export interface RedirectSource {
  readonly method: string;
  readonly target: TargetUrl;
  /** The test's own, in any case. */
  readonly headers: Readonly<Record<string, string>>;
  /** true: the body came from a stream, and is gone. */
  readonly bodyStreamed: boolean;
}

export interface RedirectedRequest {
  readonly method: string;
  readonly target: TargetUrl;
  /** Without those of a dropped body, and without credentials when the origin is another. */
  readonly headers: Readonly<Record<string, string>>;
  readonly keepsBody: boolean;
  /** Neither default credentials nor a proxy's password may go there. */
  readonly crossOrigin: boolean;
}

export type RedirectStep =
  /** The answer is the answer. */
  | { readonly next: 'stay' }
  | { readonly next: 'follow'; readonly request: RedirectedRequest }
  | { readonly next: 'fail'; readonly error: TransportError };

const stay: RedirectStep = { next: 'stay' };
const redirectStatuses = new Set([301, 302, 303, 307, 308]);
const bodyHeaders = /^content-/i;
const credentials = /^(authorization|cookie|proxy-authorization)$/i;

/**
 * @param location the header's value as latin1, undefined without one
 * @param followed redirects followed before this one
 * @param maxRedirects 0: the redirect itself is the answer; beyond any other number the request has failed
 */
export function redirectStep(
  source: RedirectSource,
  status: number,
  location: string | undefined,
  followed: number,
  maxRedirects: number,
): RedirectStep {
  if (!redirectStatuses.has(status) || location === undefined || location === '' || maxRedirects === 0) return stay;
  if (followed >= maxRedirects) return failed(`more than ${maxRedirects} redirects in a row`);
  const target = locate(source.target, location);
  if (target === undefined)
    return failed(`the redirect leads to ${JSON.stringify(shortened(withoutSecrets(location)))}, which is no URL`);
  const method = methodAfter(source.method, status);
  const keepsBody = status !== 303 && method === source.method;
  if (keepsBody && source.bodyStreamed) return failed('the redirect asks for the body again, but it was streamed');
  const crossOrigin = target.origin.href !== source.target.origin.href;
  const headers = Object.fromEntries(
    Object.entries(source.headers).filter(([name]) => {
      if (!keepsBody && bodyHeaders.test(name)) return false;
      return !crossOrigin || !(credentials.test(name) || name.toLowerCase() === 'host');
    }),
  );
  return { next: 'follow', request: { method, target, headers, keepsBody, crossOrigin } };
}

/** 303 asks with GET; 301 and 302 turn a POST into one, because browsers always have; 307 and 308 change nothing. */
function methodAfter(method: string, status: number): string {
  if (status === 303) return method === 'HEAD' ? 'HEAD' : 'GET';
  return (status === 301 || status === 302) && method === 'POST' ? 'GET' : method;
}

function locate(from: TargetUrl, location: string): TargetUrl | undefined {
  const base = `${from.origin.protocol}//${from.origin.hostHeader}`;
  // Some servers send the bytes of UTF-8, which have been read as latin1.
  const text = Buffer.from(location, 'latin1').toString('utf8');
  const url = URL.canParse(text, base + from.path) ? new URL(text, base + from.path) : undefined;
  if ((url?.protocol !== 'http:' && url?.protocol !== 'https:') || url.hostname === '') return undefined;
  const path = url.pathname + url.search;
  // Keeps the socket of a `unix:` origin, and the user and password of the first URL.
  if (url.origin === base && url.username === '' && url.password === '') return { ...from, path };
  return resolveUrl(undefined, url.href);
}

function shortened(location: string): string {
  return location.length > 80 ? `${location.slice(0, 80)}…` : location;
}

function failed(message: string): RedirectStep {
  return { next: 'fail', error: transportError('redirect', message) };
}
