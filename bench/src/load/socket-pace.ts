/** How fast the socket clients of the bench open, the tool's tests and the peers' programs alike. */
import { setTimeout as pause } from 'node:timers/promises';

export const socketsPerSecond = 2000;
export const ioClientsPerSecond = 1000;

/** When the socket with this number is opened, in ms after the first. */
export function dueMs(index: number, perSecond: number): number {
  return (index * 1000) / perSecond;
}

export async function openInTurn(count: number, perSecond: number, open: (index: number) => void): Promise<void> {
  const beganMs = performance.now();
  for (let index = 0; index < count; index++) {
    const waitMs = beganMs + dueMs(index, perSecond) - performance.now();
    if (waitMs >= 1) await pause(waitMs);
    open(index);
  }
}

/** VUs that share the opening of many sockets. */
export const openers = 50;

/** How many sockets of those in SOCKETS the opener with this number, from 0, opens. */
export function shareOf(opener: number): number {
  const all = Number(process.env['SOCKETS']);
  return Math.floor(all / openers) + (opener < all % openers ? 1 : 0);
}
