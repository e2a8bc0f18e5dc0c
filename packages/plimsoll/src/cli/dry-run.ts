/** The plan in words: `plimsoll run --dry-run`. */
import { formatCount, formatDuration } from '../kernel/units.ts';
import { initialVus, maximumVus, plannedDurationMs, type LoadModel } from '../model/load-model.ts';
import type { RunPlan, TestPlan } from '../model/plan.ts';

export function describePlan(plan: RunPlan): string {
  const head = [
    `target   ${plan.target || 'none: every URL is absolute'}`,
    `workers  ${plan.workers}, seed ${plan.seed}`,
    `tests    ${plan.tests.length}, one after another; nothing is sent`,
  ];
  return `${[head.join('\n'), ...plan.tests.map(describeTest)].join('\n\n')}\n`;
}

function describeTest(test: TestPlan): string {
  const title = [test.group, test.name].filter((part) => part !== '').join(' › ');
  const lines = test.scenarios.map(({ name, load, startAfterMs }) => {
    const label = test.scenarios.length > 1 ? `${name}: ` : '';
    const after = startAfterMs > 0 ? `, after ${formatDuration(startAfterMs)}` : '';
    return `${label}${describeLoad(load)}${after}`;
  });
  if (test.warmUpMs > 0) lines.push(`warm-up of ${formatDuration(test.warmUpMs)}`);
  lines.push(...test.thresholds.map(({ expression }) => expression));
  return [title, ...(test.file ? [`  ${test.file}:${test.line}`] : []), ...lines.map((line) => `  ${line}`)].join('\n');
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
      const rates = [load.startRate, ...load.stages.map((stage) => stage.target)];
      const steps = rates.filter((rate, index) => index === 0 || rate !== rates[index - 1]);
      const vus = initialVus(load) === maximumVus(load) ? `${load.vus}` : `${load.vus} to ${load.maxVus}`;
      return `${steps.map(rounded).join(' → ')} arrivals/s (${load.spacing}) for ${formatDuration(plannedDurationMs(load))}, ${vus} VUs`;
    }
  }
}

function counted(count: number, what: string): string {
  return `${formatCount(count)} ${what}${count === 1 ? '' : 's'}`;
}

function rounded(rate: number): string {
  return String(Math.round(rate * 100) / 100);
}
