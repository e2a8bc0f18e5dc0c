/** What `plimsoll doctor` makes of the facts about this machine: fine, or what to do about it. Pure. */
import { formatBytes, formatCount } from '../kernel/units.ts';
import { quickForConnections } from './crowded-ports.ts';
import { raiseHardLimit, type FileLimits } from './file-limit.ts';

export interface MachineFacts {
  /** 'v20.20.2' */
  readonly node: string;
  readonly cores: number;
  /** Load average of the last minute; null where the platform does not tell. */
  readonly loadAverage: number | null;
  /** null: not told. */
  readonly fileLimits: FileLimits | null;
  /** First and last port that the system gives to outgoing connections; null where it does not tell. */
  readonly ephemeralPorts: readonly [number, number] | null;
  /** The smallest step of the clock. */
  readonly clockStepUs: number;
  /** By how much a timer of 5 ms is late, at the 99th percentile. */
  readonly timerLateP99Ms: number;
  readonly freeMemoryBytes: number;
  /** CPU time of a request to a server on this machine that does next to nothing, and how many a second there were. */
  readonly loopback: { readonly cpuUsPerRequest: number; readonly requestsPerSecond: number } | null;
}

export interface Finding {
  readonly ok: boolean;
  readonly name: string;
  readonly text: string;
  /** What to do; '' when all is well. */
  readonly advice: string;
}

export function checkMachine(facts: MachineFacts): Finding[] {
  return [
    checkNode(facts),
    checkCores(facts),
    checkFiles(facts),
    checkPorts(facts),
    checkClock(facts),
    checkTimers(facts),
    checkMemory(facts),
    checkLoopback(facts),
  ];
}

function finding(name: string, ok: boolean, text: string, advice: string): Finding {
  return { name, ok, text, advice: ok ? '' : advice };
}

function checkNode({ node }: MachineFacts): Finding {
  const [major = 0, minor = 0] = node.replace('v', '').split('.').map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  return finding('Node', ok, node, 'install Node 20.19 or later');
}

function checkCores({ cores, loadAverage }: MachineFacts): Finding {
  const count = `${cores} ${cores === 1 ? 'core' : 'cores'}`;
  if (cores < 2) {
    return finding(
      'processor',
      false,
      count,
      'with one core the generator and the system disturb each other: rates from here are a lower bound',
    );
  }
  const isBusy = loadAverage !== null && loadAverage > cores * 0.5;
  const load = loadAverage === null ? '' : `, load ${loadAverage.toFixed(1)}`;
  return finding('processor', !isBusy, count + load, 'something else is running: end it before you measure');
}

function checkFiles({ fileLimits }: MachineFacts): Finding {
  if (fileLimits === null) return finding('open files', true, 'this platform tells no limit', '');
  const { soft, hard } = fileLimits;
  if (soft === Number.POSITIVE_INFINITY) return finding('open files', true, 'no limit', '');
  const hardText = hard === Number.POSITIVE_INFINITY ? 'no hard limit' : `hard limit ${formatCount(hard)}`;
  const raise = hard > soft ? `run 'ulimit -n ${Math.min(65_536, hard)}'` : raiseHardLimit;
  return finding(
    'open files',
    soft >= 4096,
    hard === soft ? `limit ${formatCount(soft)}, the hard limit too` : `limit ${formatCount(soft)}, ${hardText}`,
    `every VU holds a connection: ${raise} before a test of more than ${formatCount(soft - 100)} VUs`,
  );
}

function checkPorts({ ephemeralPorts }: MachineFacts): Finding {
  if (ephemeralPorts === null) return finding('local ports', true, 'this platform tells no range', '');
  const [first, last] = ephemeralPorts;
  const count = last - first + 1;
  const advice = `more connections than that to one address need --source-address, or 'sysctl -w net.ipv4.ip_local_port_range="1024 65535"'`;
  const text = `${formatCount(count)} for connections to one address; beyond ${formatCount(quickForConnections)} of them connecting gets slow`;
  return finding('local ports', count >= 20_000, text, advice);
}

function checkClock({ clockStepUs }: MachineFacts): Finding {
  return finding(
    'clock',
    clockStepUs <= 10,
    `steps of ${digits(clockStepUs)} µs`,
    'times of single requests are no finer than this',
  );
}

function checkTimers({ timerLateP99Ms }: MachineFacts): Finding {
  const advice = 'arrivals will be late by as much: a busy or virtual machine, or power saving';
  return finding('timers', timerLateP99Ms <= 3, `late by ${digits(timerLateP99Ms)} ms at p99`, advice);
}

function checkMemory({ freeMemoryBytes }: MachineFacts): Finding {
  return finding(
    'memory',
    freeMemoryBytes >= 512e6,
    `${formatBytes(freeMemoryBytes)} free`,
    'plimsoll needs about 100 MB, and 15 kB more for each VU',
  );
}

function checkLoopback({ loopback }: MachineFacts): Finding {
  if (loopback === null)
    return finding(
      'loop-back',
      false,
      'the built-in server could not be loaded',
      'connections to 127.0.0.1 are needed: look for a firewall',
    );
  const { cpuUsPerRequest, requestsPerSecond } = loopback;
  const text = `${digits(cpuUsPerRequest)} µs of processor time a request, ${formatCount(requestsPerSecond)} requests/s`;
  return finding(
    'loop-back',
    cpuUsPerRequest <= 100,
    text,
    'slow for a request: expect no more than this from this machine',
  );
}

function digits(value: number): string {
  return value >= 10 ? value.toFixed(0) : value.toPrecision(2);
}
