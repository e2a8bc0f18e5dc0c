/** A fan-out in a few lines, for terminal and summary: what reached whom, and how late. */
import { formatCount } from '../kernel/units.ts';
import type { DeliveryResult, LatencyStatistics, ShortStatistics } from '../model/result.ts';
import { milliseconds, share, statistic } from './figures.ts';

type Recovery = NonNullable<DeliveryResult['recovery']>;

/** One line each; `none` stands where there is no figure. Empty where nothing was published and nothing came. */
export function deliveryLines(delivery: DeliveryResult, none: string): string[] {
  const { recovery } = delivery;
  const returned = [
    ...unjoinedLines(delivery),
    ...sharedIdLines(delivery),
    ...(recovery === undefined ? [] : [recoveryLine(recovery, none)]),
  ];
  if (delivery.published + delivery.unpublished + delivery.received === 0) return returned;
  return [
    reachLine(delivery, none),
    ...(delivery.delivered > 0 ? [latencyLine('delivery', delivery.latency, none), skewLine(delivery, none)] : []),
    ...wrongRooms(delivery, none),
    ...emptyRooms(delivery),
    ...returned,
  ];
}

function reachLine(delivery: DeliveryResult, none: string): string {
  const { published, unpublished, delivered, owed, reach, foreign } = delivery;
  const own = [
    `${formatCount(published)} ${published === 1 ? 'message' : 'messages'}`,
    ...(unpublished > 0 ? [`${formatCount(unpublished)} could not be published`] : []),
    `${formatCount(delivered)} of ${formatCount(owed)} deliveries (${share(reach, none)})`,
  ];
  const facts = [
    ...(published + unpublished > 0 ? own : []),
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
  // A mean against a median: it may well be more than the whole of it.
  const part = observer.drain >= (skew.p50 ?? 0) ? 'all' : `${ms(observer.drain, none)} ms`;
  const own = `${part} of it may be this machine's own`;
  if (observer.skewOf === 'all') return `${whole} (${own})`;
  const verdict =
    observer.skewOf === 'sentinels' && sentinels !== undefined
      ? `the sentinels' skew is ${ms(sentinels.skew.p50, none)} ms`
      : 'the skew may hold a bound, and break none';
  return `${whole} (${own}: ${verdict})`;
}

/** Rooms that lost or leaked; the first three. What the only room has lost is all that was lost; a leak may be of one of many. */
function wrongRooms({ rooms }: DeliveryResult, none: string): string[] {
  const wrong = rooms.filter(({ lost, leaked }) => leaked > 0 || (lost > 0 && rooms.length > 1));
  const told = wrong.slice(0, 3).map(({ room, lost, leaked, delivered, latency }) => {
    const facts = [
      ...(lost > 0 ? [`${formatCount(lost)} lost`] : []),
      ...(leaked > 0 ? [`${formatCount(leaked)} leaked`] : []),
      ...(delivered > 0 ? [shortly(latency, none)] : []),
    ];
    return `${room < 0 ? `room ${room} (none of the test)` : `room ${room}`}: ${facts.join(', ')}`;
  });
  return wrong.length > 3 ? [...told, `and ${wrong.length - 3} more rooms`] : told;
}

/** Rooms that were spoken to where nobody was to hear it: most often the test has more rooms than its subscribers join. */
function emptyRooms({ rooms, owed }: DeliveryResult): string[] {
  const empty = rooms.filter((room) => room.published > 0 && room.owed === 0).map(({ room }) => room);
  if (owed === 0 || empty.length === 0) return [];
  const [first, more] = [empty.slice(0, 3).join(', '), empty.length > 3 ? ` and ${empty.length - 3} more` : ''];
  return [`nobody was owed what was published to ${empty.length === 1 ? 'room' : 'rooms'} ${first}${more}`];
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
  const went = `${formatCount(gone)} ${gone === 1 ? 'connection' : 'connections'} went`;
  const missed = `at most ${formatCount(mostMissed)} messages missed by one`;
  if (attempts === 0 && back === 0) return `${went}, and no attempt to come back was made; ${missed}`;
  return [
    `${went}, ${formatCount(back)} came back`,
    `half after ${seconds(p50Ms)}, 95 % after ${seconds(p95Ms)}, all after ${seconds(allMs)}`,
    `${formatCount(attempts)} attempts, at most ${formatCount(peakAttemptsPerSecond)} a second`,
    missed,
  ].join('; ');
}

function ms(value: number | null | undefined, none: string): string {
  return value === null || value === undefined ? none : milliseconds(value);
}
