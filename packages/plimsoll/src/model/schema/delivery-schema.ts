/** What became of the messages of a fan-out, as `result.json` has it. */
import * as z from 'zod';
import { count, latency } from './statistics-schema.ts';

const deliveryStatistics = z.object({
  mean: z.number().nullable(),
  p50: z.number().nullable(),
  p95: z.number().nullable(),
  p99: z.number().nullable(),
  max: z.number().nullable(),
});

const recovery = z
  .object({
    gone: count().describe("Times a subscriber's connection went."),
    back: count().describe('Times it had joined all its rooms again.'),
    attempts: count(),
    peakAttemptsPerSecond: count().describe('In the second that holds most of them, wherever it begins.'),
    p50Ms: z.number().nullable().describe('Until half of them were back, from when each went.'),
    p95Ms: z.number().nullable(),
    allMs: z.number().nullable(),
    mostMissed: count().describe('Messages that the subscriber who missed most has missed.'),
  })
  .meta({ id: 'Recovery', description: 'Of a fan-out whose connections were cut or lost.' });

export const delivery = z
  .object({
    published: count().describe('Messages.'),
    unpublished: count().describe('Messages whose publishing failed: nobody is owed them. One that was still going on when the test ended is in neither count.'),
    owed: count(),
    delivered: count().describe('owed = delivered + lost.'),
    lost: count().describe('Owed, and not there when the drain was over.'),
    duplicated: count(),
    reordered: count().describe('Arrived within the drain, after one that was published later, to the same room by the same publisher.'),
    late: count().describe('Arrived after the drain; those that were owed are counted as lost too.'),
    ambiguous: count().describe('So near to a join, a leave or the end that nobody can say whether they were owed; and arrivals of messages whose publishing failed or had not ended.'),
    ambiguousReceived: count(),
    leaked: count().describe('Arrived at a subscriber that was not in the room.'),
    unknown: count().describe('Arrivals that name no message that a publisher of this run has told of, or no single one.'),
    foreign: count().describe('Events that the tool did not publish.'),
    missed: count().describe("Published while the subscriber's connection was gone."),
    unjoined: count().describe(
      'Subscribers that were not in a room that they had asked for, because a join came to nothing.',
    ),
    received: count(),
    reach: z.number().nullable().describe('delivered / owed.'),
    latency: latency.describe('Of each delivery: arrived − due.'),
    perMessage: z
      .object({ first: latency, p50: latency, p99: latency, last: latency, skew: latency })
      .describe('Over messages: of each its first, median, 99th-percentile and last delivery, and last − first.'),
    observer: z
      .object({
        drain: z.number().nullable().describe('Time to read a message from all sockets, had they been ready at once.'),
        share: z.number().nullable().describe('drain / skew.'),
        skewOf: z.enum(['all', 'sentinels', 'nobody']).describe('Whose skew thresholds are held against; nobody: all of it, which may break no bound.'),
      })
      .describe("The tool's own part in the skew."),
    sentinels: z.object({ latency, skew: latency }).exactOptional(),
    rooms: z
      .array(
        z.object({
          room: z.int().describe('Below 0: none of the test; what came of it is a leak.'),
          published: count(),
          owed: count(),
          delivered: count(),
          lost: count(),
          leaked: count(),
          latency: deliveryStatistics,
        }),
      )
      .describe('Those with the most losses and leaks first; at most 50.'),
    moreRooms: count(),
    subscribers: z
      .array(
        z.object({
          subscriber: count(),
          lost: count(),
          duplicated: count(),
          reordered: count(),
          leaked: count(),
          missed: count(),
        }),
      )
      .describe('The ten for whom most went wrong.'),
    troubled: count().describe('Subscribers for whom something went wrong.'),
    incidents: z
      .array(
        z.object({
          kind: z.enum(['lost', 'duplicated', 'reordered', 'late', 'leaked']),
          subscriber: count(),
          room: z.int(),
          publisher: z.int(),
          sequence: z.int(),
        }),
      )
      .describe('At most ten of each kind. −1 stands for what is not known: the publisher of an event of others, and all of a message that nobody said to have published.'),
    sharedId: z
      .string()
      .describe('One that `publish` gave back for several messages: it is an id of none of them.')
      .exactOptional(),
    recovery: recovery.exactOptional(),
    histogram: z.string().describe('Of the latency: HdrHistogram V2, compressed, base64; unit 1 µs.'),
  })
  .meta({ id: 'Delivery', description: 'What became of the messages of a fan-out: pairs of message and subscriber.' });
