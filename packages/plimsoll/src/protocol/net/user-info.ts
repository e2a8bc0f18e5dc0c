/** User and password: out of a URL, and into a header (RFC 7617). */

export interface UserInfo {
  readonly user: string;
  readonly password: string;
}

/** undefined when the URL names neither. */
export function userInfoOf(url: URL): UserInfo | undefined {
  if (url.username === '' && url.password === '') return undefined;
  return { user: decoded(url.username), password: decoded(url.password) };
}

/** 'Basic …' */
export function basicAuthorization({ user, password }: UserInfo): string {
  return `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`;
}

/** A '%' that encodes nothing stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
