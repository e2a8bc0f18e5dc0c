import { expect, test } from 'vitest';
import { parseTimes } from './cpu-time.ts';
import { parseCpuTicks } from './machine.ts';
import { growthOf } from './measures/memory.ts';
import { cpuSecondsIn, memoryIn, type MemorySample } from './memory-watch.ts';
import { parseStatus } from './nginx.ts';

test("bash's times: user and system are added, wall is its own, a comma is a point", () => {
  expect(parseTimes('cpu 1.250 0.500 10.012\n')).toEqual({ cpuSeconds: 1.75, wallSeconds: 10.012 });
  expect(parseTimes('cpu 1,250 0,500 10,012\n').cpuSeconds).toBe(1.75);
  expect(() => parseTimes('bash: line 1: wrk: command not found')).toThrow('command not found');
});

test('memory: kB of the kernel are 1,024 bytes, MB here are a million', () => {
  const status = 'Name:\tnode\nVmPeak:\t 1000000 kB\nVmHWM:\t  125000 kB\nVmRSS:\t   62500 kB\nThreads:\t11\n';
  expect(memoryIn(status)).toEqual({ peakMb: 128, residentMb: 64 });
  expect(memoryIn('Name:\tnode\nState:\tZ (zombie)\n')).toBeUndefined();
});

test('CPU time: user and system in hundredths of a second, behind a name that may hold anything', () => {
  const stat = '4242 (a ) b (c) S 1 4242 4242 0 -1 4194560 9000 0 3 0 321 79 5 6 20 0 11 0 100 0 0\n';
  expect(cpuSecondsIn(stat)).toBe(4);
});

test("nginx's status: active connections, accepted ones, requests", () => {
  const status =
    'Active connections: 51 \nserver accepts handled requests\n 120 119 35000 \nReading: 0 Writing: 1 Waiting: 50 \n';
  expect(parseStatus(status)).toEqual({ active: 51, accepted: 120, requests: 35000 });
  expect(() => parseStatus('<html>404</html>')).toThrow('no status');
});

test('busy time: idle and waiting for disks are idle, guests are in user already', () => {
  const stat = 'cpu  100 0 50 800 25 5 5 15 60 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n';
  expect(parseCpuTicks(stat)).toEqual({ idle: 825, total: 1000 });
});

/** Ten samples a second from 0 to 90 s. */
function residentOver90s(residentMb: (atSeconds: number) => number): MemorySample[] {
  return Array.from({ length: 900 }, (_, i) => {
    const atSeconds = i / 10;
    return { atSeconds, residentMb: residentMb(atSeconds), peakMb: 0, cpuSeconds: 0 };
  });
}

test('growth: a leak of 0.5 MB/s shows as 30 MB between the first and the last 10 of 70 s', () => {
  expect(
    growthOf(
      residentOver90s((at) => 80 + at / 2),
      20,
      90,
    ).value,
  ).toBeCloseTo(30, 1);
});

test('growth: neither warming up within 20 s nor the saw-tooth of garbage collection is any', () => {
  const { value, note } = growthOf(
    residentOver90s((at) => Math.min(90, 50 + 4 * at) + (at % 3)),
    20,
    90,
  );
  expect(Math.abs(value)).toBeLessThan(0.2);
  expect(note).toContain('the highest after is 0.0 MB');
});
