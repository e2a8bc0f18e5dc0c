/** The plan in words: `plimsoll run --dry-run`. */
import { defaultThresholds } from '../judge/thresholds.ts';
import { formatCount, formatDuration, formatShare } from '../kernel/units.ts';
import { publishingStartMs, type FanOutPlan } from '../model/fan-out-plan.ts';
import { initialVus, maximumVus, plannedDurationMs, type ArrivalRate, type LoadModel } from '../model/load-model.ts';
import type { HttpPlan, RunPlan, TestPlan } from '../model/plan.ts';
import { isSecretHeader, mask, redactText } from '../store/redact.ts';

export function describePlan(plan: RunPlan): string {
  const head = [
    `target   ${redactText(plan.target) || 'none: every URL is absolute'}`,
    `workers  ${plan.workers}, seed ${plan.seed}`,
    `tests    ${plan.tests.length}, one after another; nothing is sent`,
  ];
  return `${[head.join('\n'), ...plan.tests.map(describeTest)].join('\n\n')}\n`;
}

/** The plan as `--dry-run --json` prints it: it ends in the log of a CI server, and no secret belongs there. */
export function planWithoutSecrets(plan: RunPlan): RunPlan {
  const { httpDefaults, tests } = plan;
  return {
    ...plan,
    target: redactText(plan.target),
    ...(httpDefaults && { httpDefaults: httpWithoutSecrets(httpDefaults) }),
    tests: tests.map((test) => ({ ...test, http: httpWithoutSecrets(test.http) })),
  };
}

function httpWithoutSecrets<Http extends Partial<HttpPlan>>(http: Http): Http {
  const { headers, bearer, basic, proxy, tls } = http;
  return {
    ...http,
    ...(headers && { headers: headersWithoutSecrets(headers) }),
    ...(bearer !== undefined && { bearer: mask }),
    ...(basic && { basic: { user: basic.user, password: mask } }),
    ...(proxy !== undefined && { proxy: redactText(proxy) }),
    ...(tls && {
      tls: {
        ...tls,
        ...(tls.key !== undefined && { key: mask }),
        ...(tls.passphrase !== undefined && { passphrase: mask }),
      },
    }),
  };
}

function headersWithoutSecrets(headers: HttpPlan['headers']): HttpPlan['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, isSecretHeader(name) ? mask : redactText(value)]),
  );
}

function describeTest(test: TestPlan): string {
  const title = [test.group, test.name].filter((part) => part !== '').join(' › ');
  const lines = test.fanOut === undefined ? describeScenarios(test) : describeFanOut(test.fanOut);
  if (test.warmUpMs > 0) lines.push(`warm-up of ${formatDuration(test.warmUpMs)}`);
  lines.push(...test.thresholds.map(({ expression }) => expression));
  lines.push(...defaultThresholds(test).map((expression) => `${expression}, by default`));
  return [title, ...(test.file ? [`  ${test.file}:${test.line}`] : []), ...lines.map((line) => `  ${line}`)].join('\n');
}

function describeScenarios(test: TestPlan): string[] {
  return test.scenarios.map(({ name, load, startAfterMs }) => {
    const label = test.scenarios.length > 1 ? `${name}: ` : '';
    const after = startAfterMs > 0 ? `, after ${formatDuration(startAfterMs)}` : '';
    return `${label}${describeLoad(load)}${after}`;
  });
}

function describeFanOut(plan: FanOutPlan): string[] {
  const { subscribers, sentinels, rooms, publishers, load, durationMs, storm, reconnect } = plan;
  const watched = sentinels > 0 ? `, ${formatCount(sentinels)} of them sentinels` : '';
  const duration = formatDuration(durationMs);
  return [
    `${counted(subscribers, 'subscriber')} in ${counted(rooms, 'room')}${watched}, connecting over ${formatDuration(plan.connectOverMs)}`,
    load === undefined
      ? `nobody publishes; they listen for ${duration}`
      : `${counted(publishers, 'publisher')}, ${describeRate(load)} messages/s (${load.spacing}) for ${duration}, after ${formatDuration(publishingStartMs(plan))}`,
    `guard ${formatDuration(plan.guardMs)}, drain ${formatDuration(plan.drainMs)}`,
    ...(storm === undefined
      ? []
      : [`storm after ${formatDuration(storm.atMs)} of publishing: ${formatShare(storm.share)} cut by ${storm.how}`]),
    ...(reconnect === undefined ? [] : [`who is cut off comes back, first after ${formatDuration(reconnect.delayMs)}`]),
  ];
}

function describeLoad(load: LoadModel): string {
  switch (load.kind) {
    case 'shared-iterations':
      return `${counted(load.iterations, 'iteration')} shared by ${counted(load.vus, 'VU')}, at most ${formatDuration(load.maxDurationMs)}`;
    case 'per-vu-iterations':
      return `${counted(load.iterations, 'iteration')} for each of ${counted(load.vus, 'VU')}, at most ${formatDuration(load.maxDurationMs)}`;
    case 'constant-vus':
      return `${counted(load.vus, 'VU')} for ${formatDuration(load.durationMs)}`;
    case 'ramping-vus':
      return `${load.startVus} → ${load.stages.map((stage) => stage.target).join(' → ')} VUs in ${formatDuration(plannedDurationMs(load))}`;
    case 'arrival-rate': {
      const vus = initialVus(load) === maximumVus(load) ? `${load.vus}` : `${load.vus} to ${load.maxVus}`;
      return `${describeRate(load)} arrivals/s (${load.spacing}) for ${formatDuration(plannedDurationMs(load))}, ${vus} VUs`;
    }
  }
}

function describeRate({ startRate, stages }: ArrivalRate): string {
  const rates = [startRate, ...stages.map((stage) => stage.target)];
  const steps = rates.filter((rate, index) => index === 0 || rate !== rates[index - 1]);
  return steps.map(rounded).join(' → ');
}

function counted(count: number, what: string): string {
  return `${formatCount(count)} ${what}${count === 1 ? '' : 's'}`;
}

function rounded(rate: number): string {
  return String(Math.round(rate * 100) / 100);
}
