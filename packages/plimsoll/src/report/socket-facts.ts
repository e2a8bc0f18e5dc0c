/** WebSockets and event streams in a few words, for terminal and summary. */
import { formatBytes, formatCount, formatDuration, formatShare } from '../kernel/units.ts';
import type { SocketsResult, TestResult } from '../model/result.ts';
import { socketPhases, type SocketPhase } from '../stats/socket-phases.ts';
import { counted, statistic } from './figures.ts';

/** So much may wait for a moment, and says nothing of the server. */
const fewBytes = 64 * 1024;

/** Empty where the test had none. */
export function socketFacts({ sockets }: TestResult): string[] {
  if (sockets === undefined) return [];
  const { opened, eventStreams, refused, unanswered, messagesIn, messagesOut, unclaimed, bytesIn, bytesOut, closed } =
    sockets;
  const facts = [
    ...(eventStreams === opened ? [] : [counted(opened - (eventStreams ?? 0), 'WebSocket')]),
    ...(eventStreams === undefined ? [] : [counted(eventStreams, 'event stream')]),
    ...(refused > 0 ? [`${formatCount(refused)} refused${refusedWhere(sockets)}`] : []),
    ...(unanswered > 0 ? [`${formatCount(unanswered)} unanswered`] : []),
    `${counted(messagesIn, 'message')} in (${formatBytes(bytesIn)})`,
    `${counted(messagesOut, 'message')} out (${formatBytes(bytesOut)})`,
  ];
  facts.push(...compressionFacts(sockets.compressed), ...bufferFact(sockets.bufferedBytesMax));
  if (unclaimed > 0) facts.push(`${formatCount(unclaimed)} that nobody waited for`);
  if (Object.keys(closed).length > 0) facts.push(`closed: ${timesEach(closed)}`);
  return facts;
}

/** 'compressed: 1,200 messages in, 147 kB for 1.07 MB (13.7%)' */
function compressionFacts(compressed: SocketsResult['compressed']): string[] {
  if (compressed === undefined) return [];
  const { messagesIn, bytesIn, inflatedBytesIn, messagesOut, bytesOut, inflatedBytesOut } = compressed;
  return [
    ...(messagesIn > 0 ? [compressionFact(messagesIn, 'in', bytesIn, inflatedBytesIn)] : []),
    ...(messagesOut > 0 ? [compressionFact(messagesOut, 'out', bytesOut, inflatedBytesOut)] : []),
  ];
}

function compressionFact(messages: number, way: 'in' | 'out', bytes: number, inflatedBytes: number): string {
  const ratio = inflatedBytes > 0 ? ` (${formatShare(bytes / inflatedBytes)})` : '';
  return `compressed: ${counted(messages, 'message')} ${way}, ${formatBytes(bytes)} for ${formatBytes(inflatedBytes)}${ratio}`;
}

function bufferFact(bufferedBytesMax = 0): string[] {
  return bufferedBytesMax > fewBytes ? [`up to ${formatBytes(bufferedBytesMax)} unsent on one socket`] : [];
}

/** ' (1 at tls, 2 at upgrade: 2 × 503, Retry-After up to 7s)' */
function refusedWhere(sockets: SocketsResult): string {
  const { refusedIn, refusedStatus, retryAfterMaxSeconds } = sockets;
  const hasStatus = Object.keys(refusedStatus).length > 0;
  const status = hasStatus ? `: ${timesEach(refusedStatus)}` : '';
  const places = socketPhases
    .filter((phase) => refusedIn[phase] > 0)
    .map(
      (phase) => `${formatCount(refusedIn[phase])} at ${wordOf(phase, sockets)}${phase === 'upgrade' ? status : ''}`,
    );
  if (retryAfterMaxSeconds !== null) places.push(`Retry-After up to ${formatDuration(retryAfterMaxSeconds * 1000)}`);
  return places.length > 0 ? ` (${places.join(', ')})` : '';
}

/** Nothing is upgraded where all that was opened are event streams. */
function wordOf(phase: SocketPhase, { eventStreams, opened }: SocketsResult): string {
  return phase === 'upgrade' && eventStreams === opened ? 'answer' : phase;
}

function timesEach(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([what, count]) => `${formatCount(count)} × ${what}`)
    .join(', ');
}

/** How long the phases of opening took; undefined where none came to its end. */
export function socketPhaseFact({ sockets }: TestResult, none: string): string | undefined {
  const gone = socketPhases.filter((phase) => (sockets?.phases[phase].count ?? 0) > 0);
  if (sockets === undefined || gone.length === 0) return undefined;
  const each = gone.map((phase) => {
    const [p50, p95] = (['p50', 'p95'] as const).map((name) => statistic(sockets.phases[phase], name, none));
    return `${wordOf(phase, sockets)} ${p50} / ${p95}`;
  });
  return `connecting, p50 / p95 in ms: ${each.join(', ')}`;
}
