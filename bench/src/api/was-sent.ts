/** Whether a load that `plimsoll` judged was sent as it was asked for. Pure. */

/** They spoil latencies, and leave what was sent as it is: the generator had less of the machine than it wanted. */
const ofItsPace: ReadonlySet<string> = new Set([
  'lag',
  'lag-share',
  'busy',
  'generator-bound',
  'stalled',
  'steal',
  'gc',
]);

interface Judged {
  readonly validity: { readonly reasons: readonly { readonly code: string }[] };
}

/**
 * @param code the exit code: 0 passed, 3 not sound
 * @param stdout of `--json`
 */
export function wasSent(code: number | null, stdout: string): boolean {
  if (code === 0) return true;
  if (code !== 3 || stdout === '') return false;
  const { validity } = JSON.parse(stdout) as Judged;
  return validity.reasons.every((reason) => ofItsPace.has(reason.code));
}
