import { describe, expect, test } from 'vitest';
import { checkMachine, type MachineFacts } from './machine-checks.ts';

const healthy: MachineFacts = {
  node: 'v20.19.0',
  cores: 8,
  loadAverage: 0.3,
  fileLimit: 65_536,
  ephemeralPorts: [32_768, 60_999],
  clockStepUs: 0.1,
  timerLateP99Ms: 1.4,
  freeMemoryBytes: 8e9,
  loopback: { cpuUsPerRequest: 14.2, requestsPerSecond: 40_000 },
};

function broken(facts: Partial<MachineFacts>): string[] {
  return checkMachine({ ...healthy, ...facts })
    .filter(({ ok }) => !ok)
    .map(({ name }) => name);
}

test('a healthy machine gets no advice', () => {
  const findings = checkMachine(healthy);
  expect(findings).toHaveLength(8);
  expect(findings.every(({ ok, advice }) => ok && advice === '')).toBe(true);
});

describe('a fault is found alone', () => {
  test.each<[Partial<MachineFacts>, string]>([
    [{ node: 'v20.18.1' }, 'Node'],
    [{ node: 'v18.20.0' }, 'Node'],
    [{ cores: 1 }, 'processor'],
    [{ loadAverage: 6 }, 'processor'],
    [{ fileLimit: 1024 }, 'open files'],
    [{ ephemeralPorts: [50_000, 60_000] }, 'local ports'],
    [{ clockStepUs: 1000 }, 'clock'],
    [{ timerLateP99Ms: 9 }, 'timers'],
    [{ freeMemoryBytes: 1e8 }, 'memory'],
    [{ loopback: null }, 'loop-back'],
    [{ loopback: { cpuUsPerRequest: 400, requestsPerSecond: 900 } }, 'loop-back'],
  ])('%j', (facts, name) => expect(broken(facts)).toEqual([name]));
});

test('what the platform does not tell is no fault', () => {
  expect(broken({ fileLimit: null, ephemeralPorts: null, loadAverage: null })).toEqual([]);
  expect(broken({ fileLimit: Infinity, node: 'v26.0.0' })).toEqual([]);
});
