/** Reads the number of complete, right answers out of what each peer prints. Errors: it does not say, or answers failed. */

/** `  357143 requests in 10.01s, 118.52MB read`; where something went wrong also `Socket errors: …`, `Non-2xx or 3xx …`. */
export function completedByWrk(output: string): number {
  refuse(/^\s*(Non-2xx or 3xx responses|Socket errors): .*$/m.exec(output)?.[0]);
  return numberIn(output, /^\s*(\d+) requests in /m);
}

/** `Complete requests:      5000`, `Failed requests:        0`, and `Non-2xx responses:` only where there were some. */
export function completedByAb(output: string): number {
  refuse(/^Non-2xx responses: .*$/m.exec(output)?.[0]);
  refuse(/^Failed requests:\s+[1-9].*$/m.exec(output)?.[0]);
  return numberIn(output, /^Complete requests:\s+(\d+)$/m);
}

/**
 * `requests: 100 total, 150 started, 100 done, 100 succeeded, 0 failed, 0 errored, 0 timeout`; in the next line,
 * `status codes: 101 2xx, 0 3xx, 0 4xx, 0 5xx`, the first may be one that was still on its way.
 */
export function completedByH2load(output: string): number {
  const statuses = /^status codes: .*$/m.exec(output)?.[0] ?? '';
  if (!statuses.endsWith(' 2xx, 0 3xx, 0 4xx, 0 5xx')) refuse(statuses || 'no status codes');
  return numberIn(output, /^requests: .*, (\d+) succeeded, 0 failed, 0 errored, 0 timeout$/m);
}

/** Below `Status code distribution:` a line such as `  [200]	5000 responses` for every status. */
export function completedByHey(output: string): number {
  refuse(/^\s*\[(?!200\])\d+\]\s.*$/m.exec(output)?.[0]);
  return numberIn(output, /^\s*\[200\]\s+(\d+) responses$/m);
}

/** `--json`: `2xx`, `non2xx`, `errors`, `timeouts` at the top. */
export function completedByAutocannon(output: string): number {
  const result = JSON.parse(output) as Record<'2xx' | 'non2xx' | 'errors' | 'timeouts', number>;
  if (result.non2xx + result.errors + result.timeouts > 0) refuse('answers that are not 2xx, errors or time-outs');
  return result['2xx'];
}

/** The report that `--output` writes: `http.codes.200` among the counters, `errors.…` where something failed. */
export function completedByArtillery(report: string): number {
  const { aggregate } = JSON.parse(report) as { aggregate: { counters: Record<string, number> } };
  const { counters } = aggregate;
  refuse(Object.keys(counters).find((name) => name.startsWith('errors.')));
  const completed = counters['http.codes.200'];
  if (completed === undefined) throw new Error('it reports no answer with status 200');
  return completed;
}

/** What the bench's own programs print. */
export function completedByProgram(output: string): number {
  const { completed, failed } = JSON.parse(output) as { completed: number; failed: number };
  if (failed > 0) refuse(`${failed} failed requests`);
  return completed;
}

function refuse(trouble: string | undefined): void {
  if (trouble !== undefined) throw new Error(`it reports ${trouble.trim()}`);
}

function numberIn(output: string, pattern: RegExp): number {
  const digits = pattern.exec(output)?.[1];
  if (digits === undefined) throw new Error(`it reports no number of requests: ${output.trim().slice(-200)}`);
  return Number(digits);
}
