/**
 * Shares one question among all who have it in one turn of the event loop. It is asked at the end of the turn, after they
 * came: the answer is never older than any of them.
 */
export function oncePerTurn<T>(ask: () => Promise<T>): () => Promise<T> {
  let asking: Promise<T> | undefined;
  return () => {
    asking ??= new Promise<T>((resolve) => {
      setImmediate(() => {
        // Whoever comes from now on needs an answer of its own.
        asking = undefined;
        resolve(ask());
      });
    });
    return asking;
  };
}
