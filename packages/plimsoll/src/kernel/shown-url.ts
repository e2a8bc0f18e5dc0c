/** URLs as they may be shown and stored: what a test writes may hold a user and a password. */

/** 'http://user:password@host/x' → 'http://host/x'. Of a path nothing is taken. */
export function withoutUserInfo(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#\\]*@/i, '$1');
}

/**
 * For a text that is no URL, though it was to be one: where a password ends in it nobody can tell, so all between the
 * scheme, if it has one, and the last '@' is hidden. Only a path is shown as it is, and one with a colon is not taken for it.
 */
export function withoutSecrets(text: string): string {
  return text.replace(/^(?!\/(?![/\\])[^:]*$)([^:/?#\\@]*:[/\\]*|[/\\]{2,})?.*@/s, '$1…@');
}
