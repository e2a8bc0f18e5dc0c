/** Which headers and credentials of a test go along with a request, and which of them win: one rule for requests and for sockets. */
import type { HttpPlan } from '../../../model/plan.ts';
import type { RequestOptions } from '../../../model/suite.ts';
import type { Headers } from '../../../protocol/http1/request-head.ts';
import type { TargetUrl } from '../../../protocol/http1/target-url.ts';
import type { TestSettings } from '../test-settings.ts';

export type OwnCredentials = Pick<RequestOptions, 'bearer' | 'basic'>;

/** Default credentials go to the target's own origin only; without a target every URL is the test's own word. */
export function isOwn(target: TargetUrl, { base }: TestSettings): boolean {
  return base === undefined || base.origin.href === target.origin.href;
}

/** The token that is sent, unless a header or `basicOf` says otherwise; '': none. */
export function bearerOf(options: OwnCredentials, target: TargetUrl, byDefault: string | undefined): string {
  if (options.bearer !== undefined) return options.bearer;
  return options.basic !== undefined || target.basic !== undefined ? '' : (byDefault ?? '');
}

/** Of the request itself, or of its address. */
export function basicOf(options: OwnCredentials, target: TargetUrl): string | undefined {
  const pair = options.basic ?? (options.bearer === undefined ? target.basic : undefined);
  return pair === undefined ? undefined : basic(pair);
}

/**
 * What all requests to an origin have in common: a later one replaces an earlier one, name by name.
 *
 * @param trusted whether the test's default credentials go along
 */
export function defaultLayers({ headers, basic: pair }: HttpPlan, bearer: string, trusted: boolean): Headers[] {
  const layers: Headers[] = [];
  if (bearer !== '') layers.push({ authorization: `Bearer ${bearer}` });
  else if (trusted && pair !== undefined) layers.push({ authorization: basic(pair) });
  layers.push(trusted ? headers : withoutCredentials(headers));
  return layers;
}

/** All layers of one request that is no `RequestBuilder`'s. */
export function layersOf(
  settings: TestSettings,
  target: TargetUrl,
  options: OwnCredentials & Pick<RequestOptions, 'headers'>,
): readonly Headers[] {
  const { http } = settings;
  const trusted = isOwn(target, settings);
  const authorization = basicOf(options, target);
  return [
    ...defaultLayers(http, bearerOf(options, target, trusted ? http.bearer : undefined), trusted),
    authorization === undefined ? {} : { authorization },
    options.headers ?? {},
  ];
}

function withoutCredentials(headers: Headers): Headers {
  const credentials = /^(authorization|cookie|proxy-authorization)$/i;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !credentials.test(name)));
}

function basic(pair: { readonly user: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${pair.user}:${pair.password}`, 'utf8').toString('base64')}`;
}
