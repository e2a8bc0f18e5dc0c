/** The words of the threshold language, one list for the compiler, the parser and the reference page. */

/** 'value' is a trend of the test's own, named by the scope. */
export const timeMetrics = [
  'latency',
  'service',
  'iteration',
  'connect',
  'dns',
  'tls',
  'wait',
  'lag',
  'ttfb',
  'delivery',
  'skew',
  'recovery',
  'value',
] as const;
export const statistics = ['mean', 'sd', 'min', 'max', 'p50', 'p90', 'p95', 'p99', 'p999', 'p9999'] as const;
/** 'share' is a rate of the test's own, named by the scope. */
export const shareMetrics = [
  'success',
  'checks',
  'limited',
  'connect.success',
  'delivery.reach',
  'recovery.back',
  'share',
] as const;
/** 'count' is a counter of the test's own, named by the scope. */
export const countMetrics = [
  'exceptions',
  'notIssued',
  'unfinished',
  'resent',
  'delivery.lost',
  'delivery.duplicated',
  'delivery.reordered',
  'delivery.late',
  'delivery.leaked',
  'delivery.missed',
  'delivery.unjoined',
  'delivery.unknown',
  'delivery.ambiguous',
  'count',
  'errors',
  'errors.refused',
  'errors.unreachable',
  'errors.dns',
  'errors.connect-timeout',
  'errors.tls',
  'errors.proxy',
  'errors.reset',
  'errors.closed',
  'errors.timeout',
  'errors.protocol',
  'errors.too-large',
  'errors.decode',
  'errors.redirect',
  'errors.blocked',
  'errors.body',
  'errors.aborted',
  'errors.file-limit',
  'errors.port-limit',
  'errors.namespace',
  'errors.content-type',
  'errors.status',
  'errors.other',
] as const;
/** Measured of a test as a whole: no scope has its own. */
export const wholeTestMetrics = [
  'connect',
  'dns',
  'tls',
  'wait',
  'lag',
  'connect.success',
  'delivery',
  'skew',
  'recovery',
  'recovery.back',
  'delivery.reach',
  'delivery.lost',
  'delivery.duplicated',
  'delivery.reordered',
  'delivery.late',
  'delivery.leaked',
  'delivery.missed',
  'delivery.unjoined',
  'delivery.unknown',
  'delivery.ambiguous',
] as const;
/** As they stand at the end: what went in one window comes back in another one. */
export const windowlessMetrics = ['recovery', 'recovery.back'] as const;
/** Nothing without the name of the test's own metric as scope. */
export const ownMetrics = ['value', 'share', 'count'] as const;
/** Of the whole test or of a scenario: no series has its own. */
export const iterationMetrics = ['iteration', 'exceptions', 'notIssued'] as const;
export const operators = ['<', '<=', '>', '>=', '==', '!='] as const;

export type Word<List extends readonly string[]> = List[number];
