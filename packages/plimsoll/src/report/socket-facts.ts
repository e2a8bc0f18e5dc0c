/** WebSockets and event streams in a few words, for terminal and summary. */
import type { TestResult } from '../model/result.ts';
import { counted } from './figures.ts';
import { formatBytes } from '../kernel/units.ts';

/** Empty where the test had none. */
export function socketFacts({ sockets }: TestResult): string[] {
  if (sockets === undefined) return [];
  const { opened, eventStreams, refused, messagesIn, messagesOut, unclaimed, bytesIn, bytesOut, closed } = sockets;
  const facts = [
    ...(eventStreams === opened ? [] : [counted(opened - (eventStreams ?? 0), 'WebSocket')]),
    ...(eventStreams === undefined ? [] : [counted(eventStreams, 'event stream')]),
    ...(refused > 0 ? [counted(refused, 'refused', 'refused')] : []),
    `${counted(messagesIn, 'message')} in (${formatBytes(bytesIn)})`,
    `${counted(messagesOut, 'message')} out (${formatBytes(bytesOut)})`,
  ];
  if (unclaimed > 0) facts.push(`${unclaimed.toLocaleString('en-US')} that nobody waited for`);
  const codes = Object.entries(closed).map(([code, count]) => `${count.toLocaleString('en-US')} × ${code}`);
  if (codes.length > 0) facts.push(`closed: ${codes.join(', ')}`);
  return facts;
}
