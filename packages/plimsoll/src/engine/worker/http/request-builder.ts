/**
 * From what a test writes to a request that can be sent. Hot path: a path without options is looked up whole; options
 * without headers cost a few string joins.
 */
import { builtIn } from '../../../kernel/built-in.ts';
import { withoutUserInfo } from '../../../kernel/shown-url.ts';
import { parseDurationMs } from '../../../kernel/units.ts';
import type { HttpPlan } from '../../../model/plan.ts';
import type { RequestOptions } from '../../../model/suite.ts';
import { encodeBody, noBody, type EncodedBody } from '../../../protocol/http1/body.ts';
import { HeadMemo } from '../../../protocol/http1/head-memo.ts';
import { appendQuery, expandPath } from '../../../protocol/http1/path.ts';
import type { RedirectedRequest } from '../../../protocol/http1/redirect.ts';
import { HeadTemplate, headerOf } from '../../../protocol/http1/request-head.ts';
import { resolveUrl } from '../../../protocol/http1/target-url.ts';
import type { SeriesRecord } from '../series-record.ts';
import type { TestSettings } from '../test-settings.ts';
import type { CookieHolder } from './cookie-holder.ts';
import { basicOf, bearerOf, defaultLayers, isOwn } from './credentials.ts';
import { expectation } from './expectation.ts';
import type { PreparedRequest } from './prepared-request.ts';
import type { TestOrigin } from './origins.ts';
import { traceOf } from './request-trace.ts';
import type { StreamBody } from './stream-body.ts';

/** What all requests of one name share. */
interface Shape {
  readonly series: SeriesRecord;
  readonly memo: HeadMemo;
}

/** Tests that make paths up would fill memory otherwise. */
const mostRemembered = 2000;
const mostSteps = 200;
const noOptions: RequestOptions = {};

export class RequestBuilder {
  readonly #settings: TestSettings;
  readonly #scenario: string;
  readonly #scope: string;
  readonly #plain = new Map<string, Map<string, PreparedRequest>>();
  readonly #shapes = new Map<string, Shape>();
  readonly #heads: HeadTemplates;
  readonly #steps = new Map<string, RequestBuilder>();

  constructor(settings: TestSettings, scenario: string, scope = '', heads = new HeadTemplates(settings.http)) {
    this.#settings = settings;
    this.#scenario = scenario;
    this.#scope = scope;
    this.#heads = heads;
    // Loading it takes as long as many requests, and would be the first one's latency.
    if (settings.http.trace !== false) builtIn.crypto();
  }

  /** The builder for requests made inside a step: their names begin with the step's. */
  step(name: string): RequestBuilder {
    let builder = this.#steps.get(name);
    if (!builder && this.#steps.size >= mostSteps && name !== 'other') return this.step('other');
    if (!builder) {
      builder = new RequestBuilder(this.#settings, this.#scenario, `${this.#scope}${name} > `, this.#heads);
      this.#steps.set(name, builder);
    }
    return builder;
  }

  /** Errors: TestFileError, UsageError, TargetNotAllowedError: the test's own, thrown where the request is written. */
  build(
    method: string,
    path: string,
    options: RequestOptions | undefined,
    cookies: CookieHolder,
    random: () => number,
  ): PreparedRequest {
    if (options === undefined && cookies.isEmpty) {
      return this.#plain.get(method)?.get(path) ?? this.#rememberPlain(method, path, cookies, random);
    }
    return this.#build(method, path, options ?? noOptions, cookies, random);
  }

  #rememberPlain(method: string, path: string, cookies: CookieHolder, random: () => number): PreparedRequest {
    const prepared = this.#build(method, path, noOptions, cookies, random);
    // With a trace of its own it is good for one time.
    if (this.#settings.http.trace !== false) return prepared;
    let byPath = this.#plain.get(method);
    if (!byPath) this.#plain.set(method, (byPath = new Map<string, PreparedRequest>()));
    if (byPath.size < mostRemembered) byPath.set(path, prepared);
    return prepared;
  }

  #build(
    method: string,
    pattern: string,
    options: RequestOptions,
    cookies: CookieHolder,
    random: () => number,
  ): PreparedRequest {
    const { http } = this.#settings;
    const target = resolveUrl(this.#settings.base, appendQuery(expandPath(pattern, options.path), options.query));
    const origin = this.#settings.origins.of(target.origin);
    const declared = options.headers && headerOf(options.headers, 'content-length');
    const hasBody = (options.body ?? options.json ?? options.form ?? options.multipart) !== undefined;
    const body = hasBody || options.json === null ? encodeBody(options, random, declared) : noBody;
    const shape = this.#shape(method, pattern, options.name);
    const trusted = isOwn(target, this.#settings);
    const bearer = bearerOf(options, target, trusted ? http.bearer : undefined);
    const authorization = basicOf(options, target);
    const trace = traceOf(http.trace, http.headers, options.headers);
    const head = this.#heads.of(origin, bearer, trusted).render({
      method,
      path: target.path,
      headers: options.headers,
      authorization,
      cookie: cookies.isEmpty ? '' : cookies.headerFor(target.origin, target.path),
      traceparent: trace.header,
      contentType: body.contentType,
      bodyBytes: body === noBody ? undefined : body.byteLength,
    });
    return {
      method,
      url: target.origin.href + target.path,
      target,
      origin,
      series: shape.series,
      memo: shape.memo,
      ...joined(head, body),
      contentType: body.contentType,
      bearer,
      authorization,
      trusted,
      headers: options.headers ?? noHeaders,
      trace,
      keepBody: options.keepBody ?? true,
      timeoutMs: options.timeout === undefined ? http.timeoutMs : parseDurationMs(options.timeout),
      redirects: options.redirects ?? http.maxRedirects,
      expect: options.expect === undefined ? undefined : expectation(options.expect),
    };
  }

  #shape(method: string, pattern: string, name: string | undefined): Shape {
    // A name may read like a path; only the second of the two keys begins with a space.
    const key = name === undefined ? `${method} ${pattern}` : ` ${method} ${name}`;
    const known = this.#shapes.get(key);
    if (known) return known;
    const seriesName = this.#scope + (name ?? `${method} ${this.#shownPath(pattern)}`);
    const series = this.#settings.recorder.series(seriesName, 'request', this.#scenario);
    const shape = { series, memo: new HeadMemo() };
    if (this.#shapes.size < mostRemembered) this.#shapes.set(key, shape);
    return shape;
  }

  /** Without the query, a user and password, and the target's own origin. */
  #shownPath(pattern: string): string {
    const path = withoutUserInfo(pattern).replace(/[?#].*$/s, '');
    const base = this.#settings.base?.origin.href;
    const own = base !== undefined && path.startsWith(base) && /^(\/|$)/.test(path.slice(base.length));
    return own ? path.slice(base.length) || '/' : path.includes('://') || path.startsWith('/') ? path : `/${path}`;
  }

  /** The request of a redirect: no longer the test's own words, so nothing of it is remembered. */
  redirected(from: PreparedRequest, next: RedirectedRequest, cookies: CookieHolder): PreparedRequest {
    const origin = this.#settings.origins.of(next.target.origin);
    const body = next.keepsBody ? encodeBody({ body: from.body }, Math.random) : noBody;
    // What was meant for one origin stays with it, also when a later redirect stays on the new one.
    const trusted = from.trusted && !next.crossOrigin;
    const bearer = next.crossOrigin ? '' : from.bearer;
    const authorization = next.crossOrigin ? basicOf(noOptions, next.target) : from.authorization;
    const contentType = next.keepsBody ? from.contentType : undefined;
    const head = this.#heads.of(origin, bearer, trusted).render({
      method: next.method,
      path: next.target.path,
      headers: next.headers,
      authorization,
      contentType,
      cookie: cookies.isEmpty ? '' : cookies.headerFor(next.target.origin, next.target.path),
      traceparent: from.trace.header,
      bodyBytes: body === noBody ? undefined : body.byteLength,
    });
    return {
      ...from,
      method: next.method,
      url: next.target.origin.href + next.target.path,
      target: next.target,
      origin,
      memo: undefined,
      ...joined(head, body),
      contentType,
      bearer,
      authorization,
      trusted,
      headers: next.headers,
    };
  }
}

const noHeaders: Readonly<Record<string, string>> = Object.freeze({});

type TemplatesByOrigin = Map<TestOrigin, Map<string, HeadTemplate>>;

/** The head's fixed part by origin and bearer token; a test signs in a bounded number of users. */
class HeadTemplates {
  readonly #http: HttpPlan;
  readonly #own: TemplatesByOrigin = new Map();
  readonly #foreign: TemplatesByOrigin = new Map();

  constructor(http: HttpPlan) {
    this.#http = http;
  }

  /** @param trusted whether the test's default credentials go along */
  of(origin: TestOrigin, bearer: string, trusted: boolean): HeadTemplate {
    const byOrigin = trusted ? this.#own : this.#foreign;
    let byBearer = byOrigin.get(origin);
    if (!byBearer) byOrigin.set(origin, (byBearer = new Map<string, HeadTemplate>()));
    const known = byBearer.get(bearer);
    if (known) return known;
    const layers = defaultLayers(this.#http, bearer, trusted);
    if (this.#http.decompress) layers.unshift({ 'accept-encoding': 'gzip, deflate, br' });
    if (origin.proxyAuthorization !== undefined) layers.push({ 'proxy-authorization': origin.proxyAuthorization });
    const template = new HeadTemplate(origin.url.hostHeader, layers, origin.absolutePrefix);
    if (byBearer.size >= mostRemembered) byBearer.clear();
    byBearer.set(bearer, template);
    return template;
  }
}

interface Joined {
  readonly bytes: string | Uint8Array;
  readonly byteLength: number;
  readonly stream: StreamBody | undefined;
  readonly body: string | Uint8Array | undefined;
}

/** Head and body in one write; ASCII needs no conversion. */
function joined(head: string, body: EncodedBody): Joined {
  const { payload, byteLength } = body;
  if (payload === undefined) return { bytes: head, byteLength: head.length, stream: undefined, body: undefined };
  if (typeof payload === 'string') {
    const ascii = byteLength === payload.length;
    const bytes = ascii ? head + payload : Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(payload, 'utf8')]);
    return { bytes, byteLength: head.length + byteLength, stream: undefined, body: payload };
  }
  if (payload instanceof Uint8Array) {
    const bytes = Buffer.concat([Buffer.from(head, 'latin1'), payload]);
    return { bytes, byteLength: bytes.length, stream: undefined, body: payload };
  }
  return { bytes: head, byteLength: head.length, stream: { source: payload, byteLength }, body: undefined };
}
