/** How long a server asks to be left alone: RFC 9110, section 10.2.3. */
import type { ResponseHead } from '../../../protocol/http1/response-head.ts';

/**
 * @param wallMs stands in for the server's own clock where its answer has no date
 * @returns undefined where the answer asks for nothing, or for what cannot be read
 */
export function retryAfterSeconds(head: Pick<ResponseHead, 'header'>, wallMs: number): number | undefined {
  const asked = head.header('retry-after')?.trim() ?? '';
  if (/^\d+$/.test(asked)) return Math.min(Number(asked), Number.MAX_SAFE_INTEGER);
  // A date has a name in it; what else Date would read is none of HTTP's.
  const untilMs = /^[A-Za-z]{3,9},? /.test(asked) ? Date.parse(asked) : NaN;
  if (Number.isNaN(untilMs)) return undefined;
  const serverMs = Date.parse(head.header('date') ?? '');
  const fromMs = Number.isNaN(serverMs) ? wallMs : serverMs;
  return Math.max(0, Math.ceil((untilMs - fromMs) / 1000));
}
