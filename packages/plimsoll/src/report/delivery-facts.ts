/** A fan-out in a few lines, for terminal and summary: what reached whom, and how late. */
import { formatCount } from '../kernel/units.ts';
import type { DeliveryResult, LatencyStatistics, ShortStatistics } from '../model/result.ts';
import { milliseconds, share, statistic } from './figures.ts';

type Recovery = NonNullable<DeliveryResult['recovery']>;

/** One line each; `none` stands where there is no figure. Empty where nobody published. */
export function deliveryLines(delivery: DeliveryResult, none: string): string[] {
  const { recovery } = delivery;
  const returned = [
    ...unjoinedLines(delivery),
    ...sharedIdLines(delivery),
    ...(recovery === undefined ? [] : [recoveryLine(recovery, none)]),
  ];
  if (delivery.published + delivery.unpublished + delivery.foreign === 0) return returned;
  return [
    reachLine(delivery, none),
    ...(delivery.delivered > 0 ? [latencyLine('delivery', delivery.latency, none), skewLine(delivery, none)] : []),
    ...wrongRooms(delivery, none),
    ...returned,
  ];
}

function reachLine(delivery: DeliveryResult, none: string): string {
  const { published, unpublished, delivered, owed, reach, foreign } = delivery;
  const facts = [
    `${formatCount(published)} ${published === 1 ? 'message' : 'messages'}`,
    ...(unpublished > 0 ? [`${formatCount(unpublished)} could not be published`] : []),
    `${formatCount(delivered)} of ${formatCount(owed)} deliveries (${share(reach, none)})`,
    ...(['lost', 'duplicated', 'reordered', 'late', 'leaked', 'missed', 'ambiguous', 'unknown'] as const)
      .filter((kind) => delivery[kind] > 0)
      .map((kind) => `${formatCount(delivery[kind])} ${kind}`),
    ...(foreign > 0 ? [`${formatCount(foreign)} events of others`] : []),
  ];
  return facts.join(', ');
}

function latencyLine(what: string, statistics: LatencyStatistics, none: string): string {
  const figures = (['mean', 'p50', 'p95', 'p99', 'max'] as const).map(
    (name) => `${name} ${statistic(statistics, name, none)}`,
  );
  return `${what} in ms: ${figures.join(', ')}`;
}

function skewLine({ perMessage, observer, sentinels }: DeliveryResult, none: string): string {
  const { first, last, skew } = perMessage;
  const whole = `first ${ms(first.p50, none)}, last ${ms(last.p50, none)}, skew ${ms(skew.p50, none)} ms at the median message`;
  if (observer.drain === null || observer.share === null) return whole;
  const own = `${ms(observer.drain, none)} ms of it may be this machine's own`;
  if (observer.skewOf === 'all') return `${whole} (${own})`;
  const verdict =
    observer.skewOf === 'sentinels' && sentinels !== undefined
      ? `the sentinels' skew is ${ms(sentinels.skew.p50, none)} ms`
      : 'no verdict on the skew';
  return `${whole} (${own}: ${verdict})`;
}

/** Rooms that lost or leaked; the first three. */
function wrongRooms({ rooms }: DeliveryResult, none: string): string[] {
  const wrong = rooms.filter((room) => room.lost + room.leaked > 0 && rooms.length > 1);
  const told = wrong.slice(0, 3).map(({ room, lost, leaked, latency }) => {
    const facts = [lost > 0 ? `${formatCount(lost)} lost` : '', leaked > 0 ? `${formatCount(leaked)} leaked` : ''];
    return `room ${room}: ${facts.filter(Boolean).join(', ')}, ${shortly(latency, none)}`;
  });
  return wrong.length > 3 ? [...told, `and ${wrong.length - 3} more rooms`] : told;
}

function shortly({ mean, max }: ShortStatistics, none: string): string {
  return `mean ${ms(mean, none)} ms, max ${ms(max, none)} ms`;
}

function unjoinedLines({ unjoined }: DeliveryResult): string[] {
  if (unjoined === 0) return [];
  return [`${formatCount(unjoined)} ${unjoined === 1 ? 'subscriber' : 'subscribers'} never joined: the join failed`];
}

function sharedIdLines({ sharedId }: DeliveryResult): string[] {
  if (sharedId === undefined) return [];
  return [`publish gave back '${sharedId}' for several messages: it is taken for the id of none of them`];
}

function recoveryLine(recovery: Recovery, none: string): string {
  const { gone, back, attempts, peakAttemptsPerSecond, p50Ms, p95Ms, allMs, mostMissed } = recovery;
  const seconds = (value: number | null): string => (value === null ? none : `${(value / 1000).toFixed(2)} s`);
  return [
    `${formatCount(gone)} connections went, ${formatCount(back)} came back`,
    `half after ${seconds(p50Ms)}, 95 % after ${seconds(p95Ms)}, all after ${seconds(allMs)}`,
    `${formatCount(attempts)} attempts, at most ${formatCount(peakAttemptsPerSecond)} a second`,
    `at most ${formatCount(mostMissed)} messages missed by one`,
  ].join('; ');
}

function ms(value: number | null | undefined, none: string): string {
  return value === null || value === undefined ? none : milliseconds(value);
}
