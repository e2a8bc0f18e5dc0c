/** Query strings are percent-encoded UTF-8. A parser would put U+FFFD for what is none, and the caller would get another answer than was asked for. */
import { ApiError } from '../domain/api-error.ts';

/** Errors: ApiError 400 that names the parameter, or the URL where the name itself is none. */
export function refuseUnreadableQuery(url: string): void {
  const at = url.indexOf('?');
  if (at < 0 || !url.includes('%', at) || isReadable(url.slice(at + 1))) return;
  const pairs = url.slice(at + 1).split('&');
  const [name = ''] = pairs.find((pair) => !isReadable(pair))?.split('=') ?? [];
  const field = isReadable(name) && name !== '' ? decodeURIComponent(name) : 'url';
  const details = [{ field, message: 'is not valid UTF-8' }];
  throw new ApiError(400, 'the querystring is not valid', { details });
}

function isReadable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
