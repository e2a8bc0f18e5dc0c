/** Parts that the schemas of results share. */
import * as z from 'zod';

export const count = (): z.ZodInt => z.int().min(0).max(Number.MAX_SAFE_INTEGER);
export const ms = (): z.ZodNullable<z.ZodNumber> => z.number().nullable();

export const latency = z
  .object({
    count: count(),
    mean: ms(),
    sd: ms().describe('Standard deviation.'),
    min: ms(),
    p50: ms(),
    p90: ms(),
    p95: ms(),
    p99: ms(),
    p999: ms(),
    p9999: ms(),
    max: ms(),
    approximate: z.array(z.string()).describe('Percentiles with only 1 to 10 samples beyond them.'),
    clamped: count().describe('Values beyond the range of the histogram (35.8 minutes), counted at its limit.'),
  })
  .meta({
    id: 'LatencyStatistics',
    description: 'In milliseconds. Null where there is no sample, or fewer than one sample beyond a percentile.',
  });
