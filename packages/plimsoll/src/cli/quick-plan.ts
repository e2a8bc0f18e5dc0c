/** `plimsoll quick URL …` → a plan of one test with one fixed request. */
import { UsageError } from '../kernel/errors.ts';
import { withoutSecrets } from '../kernel/shown-url.ts';
import { staffFor } from '../input/workers.ts';
import { constantArrivalRate, constantVus, sharedIterations, type LoadModel } from '../model/load-model.ts';
import { defaultHttp } from '../model/default-http.ts';
import type { RunPlan, TestPlan } from '../model/plan.ts';

export interface QuickWishes {
  readonly url: string;
  readonly connections?: number | undefined;
  /** Arrivals per second. */
  readonly rate?: number | undefined;
  readonly durationMs?: number | undefined;
  readonly requests?: number | undefined;
  readonly method?: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly timeoutMs?: number | undefined;
  readonly insecure: boolean;
  readonly allow: readonly string[];
  readonly sourceAddresses: readonly string[];
  readonly seed?: number | undefined;
  readonly workers?: number | undefined;
  readonly debug: boolean;
  readonly root: string;
  readonly cores: number;
}

const defaultConnections = 10;
const defaultDurationMs = 10_000;

export function quickPlan(wishes: QuickWishes): RunPlan {
  const url = withScheme(wishes.url);
  assertMethod(wishes.method);
  const method = (wishes.method ?? (wishes.body === undefined ? 'GET' : 'POST')).toUpperCase();
  const test = quickTest(wishes, `${method} ${pathOf(url)}`);
  return {
    target: '',
    guard: { allow: wishes.allow },
    seed: wishes.seed ?? 1,
    ...staffFor([test], wishes.cores, wishes.workers),
    debug: wishes.debug,
    root: wishes.root,
    bundlePath: '',
    quick: { url, method, headers: requestHeaders(wishes), ...(wishes.body !== undefined && { body: wishes.body }) },
    tests: [test],
  };
}

function quickTest(wishes: QuickWishes, name: string): TestPlan {
  const { timeoutMs, insecure, sourceAddresses } = wishes;
  return {
    id: 0,
    file: '',
    line: 0,
    group: '',
    name,
    scenarios: [{ name: 'default', load: quickLoad(wishes), startAfterMs: 0 }],
    thresholds: [],
    warmUpMs: 0,
    // One request an iteration: whoever waits longer than its time-out waits in vain.
    gracefulStopMs: timeoutMs ?? defaultHttp.timeoutMs,
    connections: 'before',
    http: {
      ...defaultHttp,
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(sourceAddresses.length > 0 && { sourceAddresses }),
      // As curl and every other tool of one URL: a redirect is an answer, not an order.
      maxRedirects: 0,
      // Bodies are counted and dropped, so none is ever decoded.
      decompress: false,
      tls: insecure ? { insecure } : {},
    },
    tags: {},
    hasSetup: false,
    hasTeardown: false,
  };
}

function quickLoad({ connections, rate, durationMs, requests }: QuickWishes): LoadModel {
  if (rate !== undefined) {
    if (requests !== undefined && durationMs !== undefined) {
      throw new UsageError('-r, -n and -d contradict each other', {
        hint: 'a rate needs a number or a duration, not both',
      });
    }
    const vus = connections === undefined ? {} : { vus: connections, maxVus: connections };
    // Exactly so many requests: arrivals at equal distances.
    if (requests !== undefined)
      return constantArrivalRate({ rate, duration: (requests / rate) * 1000, spacing: 'constant', ...vus });
    return constantArrivalRate({ rate, duration: durationMs ?? defaultDurationMs, ...vus });
  }
  const vus = connections ?? defaultConnections;
  if (requests === undefined) return constantVus({ vus, duration: durationMs ?? defaultDurationMs });
  // Without a duration the number alone ends it; a day is as good as never.
  const maxDuration = durationMs ?? 86_400_000;
  return sharedIterations({ vus: Math.min(vus, requests), iterations: requests, maxDuration });
}

/** 'localhost:3000' → 'http://localhost:3000' */
function withScheme(url: string): string {
  const full = /^([a-z][a-z0-9+.-]*:\/\/|unix:)/i.test(url) ? url : `http://${url}`;
  if (/^unix:/i.test(full) || (/^https?:/i.test(full) && URL.canParse(full))) return full;
  throw new UsageError(`'${withoutSecrets(url)}' is not a URL`, { hint: 'write http://localhost:3000/path' });
}

function assertMethod(method: string | undefined): void {
  if (method === undefined || /^[!#$%&'*+\-.^_`|~\w]+$/.test(method)) return;
  throw new UsageError(`-m: '${method}' is not a method`, { hint: 'write one word, such as PUT' });
}

function pathOf(url: string): string {
  if (!URL.canParse(url) || url.startsWith('unix:')) return url;
  return new URL(url).pathname;
}

/** A body that reads as JSON is sent as JSON, unless the user says what it is. */
function requestHeaders({ headers, body }: QuickWishes): Record<string, string> {
  const isTyped = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  if (body === undefined || isTyped || !isJson(body)) return { ...headers };
  return { 'content-type': 'application/json', ...headers };
}

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}
