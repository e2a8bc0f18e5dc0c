/** The request that a redirect leads to. */
import { PlimsollError } from '../../../kernel/errors.ts';
import { redirectStep } from '../../../protocol/http1/redirect.ts';
import type { ResponseHead } from '../../../protocol/http1/response-head.ts';
import { transportError, type TransportError } from '../../../protocol/net/error-kind.ts';
import type { CookieHolder } from './cookie-holder.ts';
import type { PreparedRequest } from './prepared-request.ts';
import type { RequestBuilder } from './request-builder.ts';

/** undefined: the answer stands as it is. An error: too many redirects, nowhere to go, or a host that is not allowed. */
export function followRedirect(
  request: PreparedRequest,
  head: ResponseHead,
  followed: number,
  builder: RequestBuilder,
  cookies: CookieHolder,
): PreparedRequest | TransportError | undefined {
  const source = { ...request, bodyStreamed: request.stream !== undefined };
  const step = redirectStep(source, head.status, head.location, followed, request.redirects);
  if (step.next === 'stay') return undefined;
  if (step.next === 'fail') return step.error;
  try {
    return builder.redirected(request, step.request, cookies);
  } catch (error) {
    if (!(error instanceof PlimsollError))
      return transportError('redirect', `the redirect cannot be followed: ${String(error)}`);
    return transportError('blocked', `${error.message} (${error.hint ?? ''})`, error.code);
  }
}
