import { describe, expect, test } from 'vitest';
import { Memberships, type Claim } from './memberships.ts';
import type { MembershipChange } from './delivery-batch.ts';

const guardMs = 100;

/** Subscriber 0 in room 0, and what it may claim of messages published at these instants. */
function claims(changes: readonly [MembershipChange['change'], number][], sentMs: readonly number[]): Claim[] {
  const memberships = new Memberships(guardMs);
  for (const [change, atMs] of changes) memberships.add({ subscriber: 0, room: 0, change, atMs });
  return sentMs.map((ms) => memberships.claim(memberships.of(0, 0)!, ms));
}

describe('what a subscriber is owed', () => {
  test('from its acknowledged join on, but for the guard', () => {
    const joined: [MembershipChange['change'], number][] = [
      ['requested', 1000],
      ['joined', 1300],
    ];
    expect(claims(joined, [800, 950, 1200, 1399, 1400, 9999])).toEqual([
      'outside',
      'ambiguous',
      'ambiguous',
      'ambiguous',
      'owed',
      'owed',
    ]);
  });

  test('nothing for certain while the join is not acknowledged', () => {
    expect(claims([['requested', 1000]], [2000, 5000])).toEqual(['ambiguous', 'ambiguous']);
  });

  test('up to its leave, but for the guard', () => {
    const stay: [MembershipChange['change'], number][] = [
      ['requested', 0],
      ['joined', 0],
      ['left', 2000],
    ];
    expect(claims(stay, [1900, 1950, 2100, 2101])).toEqual(['owed', 'ambiguous', 'ambiguous', 'outside']);
  });

  test.each(['cut', 'lost'] as const)('a connection that was %s: behind it, until it asks again, it is away', (how) => {
    const torn: [MembershipChange['change'], number][] = [
      ['requested', 0],
      ['joined', 0],
      [how, 2000],
      ['requested', 3000],
      ['joined', 3050],
    ];
    expect(claims(torn, [1900, 1950, 2001, 2999, 3001, 3149, 3150])).toEqual([
      'owed',
      'ambiguous',
      'away',
      'away',
      'ambiguous',
      'ambiguous',
      'owed',
    ]);
  });

  test('nothing further once its worker is lost', () => {
    const memberships = new Memberships(guardMs);
    memberships.add({ subscriber: 0, room: 0, change: 'requested', atMs: 0 });
    memberships.add({ subscriber: 0, room: 0, change: 'joined', atMs: 0 });
    memberships.end(0, 1000);
    expect(memberships.claim(memberships.of(0, 0)!, 1101)).toBe('outside');
  });
});
