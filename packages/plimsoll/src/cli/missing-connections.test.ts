import { expect, test } from 'vitest';
import { missingConnections } from './missing-connections.ts';

test('all made, or none to make: nothing to say', () => {
  expect(missingConnections({ vus: 1000, connections: 1000, connectionErrors: {} })).toBeUndefined();
  expect(missingConnections({ vus: 1000, connections: 0, connectionErrors: {} })).toBeUndefined();
});

test('those that are missing are told with what went wrong, also where the rest was not tried', () => {
  const connectionErrors = { reset: 2, refused: 16 };
  expect(missingConnections({ vus: 1000, connections: 600, connectionErrors })).toBe(
    '400 of 1,000 connections could not be made before the start: refused 16, reset 2; the first requests are to make them, and their latency holds that',
  );
});
