/** Whether an answer holds a name there, and not the words that stand for one that was not found. */
export function isName(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '' && value !== 'unknown model';
}
