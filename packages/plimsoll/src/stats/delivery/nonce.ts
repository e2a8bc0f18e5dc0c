/**
 * Begins the stamps of one run of one test: the same in all its workers, and in no other run, because the start is an
 * instant of the machine's monotonic clock.
 */
export function stampNonce(startMs: number, testId: number): string {
  return `p${Math.round(startMs * 1000).toString(36)}-${testId.toString(36)}`;
}
