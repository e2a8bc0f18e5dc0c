/** Work on many things, some at a time. */
import { mostAtOnce } from './open-connections.ts';

/** Works through the list with as many at once as connections are opened. Errors: the first one's; no more are begun. */
export async function someAtOnce<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) await work(items[next++]!);
  };
  const lanes = Array.from({ length: Math.min(mostAtOnce, items.length) }, lane);
  try {
    await Promise.all(lanes);
  } catch (error) {
    next = items.length;
    await Promise.allSettled(lanes);
    throw error;
  }
}
