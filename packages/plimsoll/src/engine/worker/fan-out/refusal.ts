/** Answers that say no: what `join` and `publish` give back, whoever it comes from. */

/** false, or an answer that says of itself that it is not ok: a response of `http`, or an acknowledgement. Of several, one is enough. */
export function isRefusal(answer: unknown): boolean {
  if (Array.isArray(answer)) return answer.some(isRefusal);
  if (typeof answer !== 'object' || answer === null) return answer === false;
  return 'ok' in answer && answer.ok === false;
}

/** The `error` of the answer that says no, as text; undefined: it gives none. */
export function reasonOf(answer: unknown): string | undefined {
  if (Array.isArray(answer)) return reasonOf(answer.find(isRefusal));
  if (typeof answer !== 'object' || answer === null || !('error' in answer)) return undefined;
  const { error } = answer;
  if (typeof error === 'string') return error;
  if (typeof error !== 'object' || error === null || !('message' in error)) return undefined;
  return typeof error.message === 'string' ? error.message : undefined;
}
