import { describe, expect, test } from 'vitest';
import { checkMachine, type MachineFacts } from './machine-checks.ts';

const healthy: MachineFacts = {
  node: 'v20.19.0',
  cores: 8,
  loadAverage: 0.3,
  fileLimits: { soft: 65_536, hard: 524_288 },
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
    [{ fileLimits: { soft: 1024, hard: 4096 } }, 'open files'],
    [{ ephemeralPorts: [50_000, 60_000] }, 'local ports'],
    [{ clockStepUs: 1000 }, 'clock'],
    [{ timerLateP99Ms: 9 }, 'timers'],
    [{ freeMemoryBytes: 1e8 }, 'memory'],
    [{ loopback: null }, 'loop-back'],
    [{ loopback: { cpuUsPerRequest: 400, requestsPerSecond: 900 } }, 'loop-back'],
  ])('%j', (facts, name) => expect(broken(facts)).toEqual([name]));
});

test('what the platform does not tell is no fault', () => {
  expect(broken({ fileLimits: null, ephemeralPorts: null, loadAverage: null })).toEqual([]);
  expect(broken({ fileLimits: { soft: Infinity, hard: Infinity }, node: 'v26.0.0' })).toEqual([]);
});

test.each([
  [{ soft: 1024, hard: Infinity }, 'limit 1,024, no hard limit', "run 'ulimit -n 65536' before"],
  [{ soft: 1024, hard: 4096 }, 'limit 1,024, hard limit 4,096', "run 'ulimit -n 4096' before"],
  [{ soft: 1024, hard: 1024 }, 'limit 1,024, the hard limit too', 'raise it where it is set (limits.conf'],
])('open files: what is advised, a shell can do (%j)', (fileLimits, text, advice) => {
  const files = checkMachine({ ...healthy, fileLimits }).find(({ name }) => name === 'open files')!;
  expect(files.text).toBe(text);
  expect(files.advice).toContain(advice);
});
