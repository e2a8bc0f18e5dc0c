/**
 * Checks a configuration. Only checks: a valid one is used as it was written, so that a configuration known to be valid
 * need not load zod (80 ms). Every key of `model/config.ts` is here, or it does not compile.
 */
import * as z from 'zod';
import { parseDurationMs, parseRatePerSecond } from '../../kernel/units.ts';
import type { Config } from '../config.ts';

const duration = z
  .union([z.number(), z.string()])
  .refine(parses(parseDurationMs), { error: "expected a duration: milliseconds or text such as '2s'" });
const rate = z
  .union([z.number(), z.string()])
  .refine(parses(parseRatePerSecond), { error: "expected a rate: a number per second or text such as '300/m'" });
const count = z.int().positive();
const share = z
  .number({ error: 'expected a share from 0 to 1' })
  .refine((value) => value >= 0 && value <= 1, { error: 'expected a share from 0 to 1' });
const httpUrl = z
  .string()
  .refine(isHttpUrl, { error: "expected a URL that begins with 'http://' or 'https://' (or 'unix:/path.sock')" });
const texts = z.record(z.string(), z.string());

const target = z.union([httpUrl, z.strictObject({ url: httpUrl, headers: texts.optional() })]);

const serve = z.strictObject({
  command: z.string().min(1),
  url: httpUrl,
  timeout: duration.optional(),
  cwd: z.string().optional(),
  env: texts.optional(),
  reuseExisting: z.boolean().optional(),
});

const tls = z.strictObject({
  ca: z.string().optional(),
  cert: z.string().optional(),
  key: z.string().optional(),
  passphrase: z.string().optional(),
  serverName: z.string().optional(),
  insecure: z.boolean().optional(),
});

const http = z.strictObject({
  headers: texts.optional(),
  timeout: duration.optional(),
  connectTimeout: duration.optional(),
  bearer: z.string().optional(),
  basic: z.strictObject({ user: z.string(), password: z.string() }).optional(),
  redirects: z.int().nonnegative().optional(),
  connectionsPerHost: count.optional(),
  maxBodyBytes: count.optional(),
  proxy: z.string().optional(),
  noProxy: z.array(z.string()).optional(),
  socketPath: z.string().optional(),
  tls: tls.optional(),
  decompress: z.boolean().optional(),
  trace: z.union([z.boolean(), z.strictObject({ sampled: share.optional() })]).optional(),
});

const thresholdOptions = z.strictObject({
  window: duration.optional(),
  abort: z.boolean().optional(),
  abortAfter: duration.optional(),
});
const threshold = z.union([z.string(), z.tuple([z.string(), thresholdOptions])]);

export const configSchema = z.strictObject({
  targets: z.record(z.string(), target).optional(),
  defaultTarget: z.string().optional(),
  allow: z.array(z.string()).optional(),
  serve: serve.optional(),
  suites: z.record(z.string(), z.array(z.string())).optional(),
  thresholds: z.array(threshold).optional(),
  reporters: z.array(z.enum(['terminal', 'junit', 'markdown', 'csv'])).optional(),
  store: z.string().min(1).optional(),
  limits: z.strictObject({ maxRate: rate.optional(), maxVus: count.optional() }).optional(),
  http: http.optional(),
} satisfies Record<keyof Config, z.ZodType>);

function parses(parse: (value: number | string) => number): (value: number | string) => boolean {
  return (value) => {
    try {
      parse(value);
      return true;
    } catch {
      return false;
    }
  };
}

function isHttpUrl(text: string): boolean {
  return /^unix:\/./.test(text) || (/^https?:\/\//.test(text) && URL.canParse(text));
}
