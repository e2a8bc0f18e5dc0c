/** When a token ends that was found valid: its signature is not looked at again. */

/** @returns milliseconds since 1970; Infinity where it does not say */
export function endOfToken(token: string): number {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { exp?: unknown };
    return typeof claims.exp === 'number' ? claims.exp * 1000 : Infinity;
  } catch {
    return Infinity;
  }
}
