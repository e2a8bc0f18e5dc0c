/** Plans and ends of tests, for tests of the judge: what is not said is ordinary. */
import { defaultHttp } from '../model/default-http.ts';
import { constantArrivalRate, constantVus, type LoadModel } from '../model/load-model.ts';
import type { TestPlan, ThresholdPlan } from '../model/plan.ts';
import type { EndOfTest } from './end-of-test.ts';

const tenSecondsClosed: LoadModel = constantVus({ vus: 5, duration: '10s' });
export const tenSecondsOpen: LoadModel = constantArrivalRate({ rate: 100, duration: '10s' });

export function planOf(
  part: Partial<Omit<TestPlan, 'thresholds'>> & {
    readonly load?: LoadModel;
    readonly thresholds?: readonly (string | ThresholdPlan)[];
  } = {},
): TestPlan {
  const { load = tenSecondsClosed, thresholds = [], ...rest } = part;
  return {
    id: 0,
    file: 'shop.load.ts',
    line: 7,
    group: 'shop',
    name: 'buys',
    scenarios: [{ name: 'default', load, startAfterMs: 0 }],
    warmUpMs: 0,
    gracefulStopMs: 30_000,
    connections: 'before',
    http: defaultHttp,
    tags: {},
    hasSetup: false,
    hasTeardown: false,
    ...rest,
    thresholds: thresholds.map((each) => (typeof each === 'string' ? { expression: each } : each)),
  };
}

export function endOf(part: Partial<EndOfTest> = {}): EndOfTest {
  return { durationMs: 10_000, stopped: '', plannedArrivals: null, lostWorkers: [], partial: false, ...part };
}

export const deadWorker: EndOfTest['lostWorkers'][number] = {
  worker: 1,
  how: 'died',
  message: 'exit code 7',
  share: 0.5,
  atSeconds: 4.2,
};
