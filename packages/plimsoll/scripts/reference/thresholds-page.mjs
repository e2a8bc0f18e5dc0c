/** docs/reference/thresholds.md, from the words of the threshold language. */
import { assertSame, code, codeBlock, notice, paragraphs, table } from './markdown.mjs';

const times = {
  latency: [
    'From when a request was due (arrival rates) or issued (VUs) to the last byte of its body.',
    'test, scenario, series, step',
  ],
  service: ['From the first byte sent to the last byte read.', 'test, scenario, series'],
  ttfb: ['From the first byte sent to the first byte of the answer.', 'test, scenario, series'],
  iteration: [
    'From when an iteration was due to its end; where the end of the test cut it off, to there.',
    'test, scenario',
  ],
  wait: ['From issued to sent: queueing for a connection, or for a VU.', 'test'],
  lag: [
    'How late the generator itself was: of each arrival, and of each `sleep` that ended. VUs without a `sleep` have none.',
    'test',
  ],
  connect: [
    'TCP, and with a tunnel the answer of the proxy. In a test that opens WebSockets: of those, from due until they can be used.',
    'test',
  ],
  dns: ['Looking up a name.', 'test'],
  tls: ['The TLS handshake.', 'test'],
  delivery: [
    'In a fan-out: of each delivery, from when its message was due to be published to when it had arrived at a subscriber.',
    'test',
  ],
  skew: [
    "In a fan-out: of each message, from its first delivery to its last. Of the sentinels where more than 20 % of the whole may be this machine's own; where there are none either, an upper bound that the whole holds passes, and any other threshold fails without a verdict.",
    'test',
  ],
  recovery: [
    'In a fan-out: of each time that a connection of a subscriber went, how long until it was back in all its rooms. Percentiles are of all that went: where so many are not back there is no verdict, which fails, and no other statistic has one while anybody is away. Takes no window.',
    'test',
  ],
  value: [
    "A trend of the test's own; the scope is its name. Takes a bare number, in the trend's own unit.",
    'own metric',
  ],
};
const shares = {
  success: [
    'ok / (requests − limited). A request is ok when its answer was expected and no check on it failed.',
    'test, scenario, series',
  ],
  limited: ['Answers with status 429 / requests.', 'test, scenario, series'],
  checks: ['Checks passed / checks made.', 'test, scenario, series, step, check'],
  'connect.success': [
    'Connections made / attempts; in a test that opens WebSockets or event streams, opened / (opened + refused + unanswered). What was cut off or left in its first second is in none of them, nor is the return of an event stream that was answered with 204.',
    'test',
  ],
  'delivery.reach': ['In a fan-out: delivered / owed.', 'test'],
  'recovery.back': [
    'In a fan-out: times that a subscriber came back / times that its connection went. Takes no window, and `abort` stops no test for being too low: who is away may still come back.',
    'test',
  ],
  share: ["A rate of the test's own; the scope is its name.", 'own metric'],
};
const counts = {
  exceptions: ["Iterations ended by a throw of the test's own code.", 'test, scenario'],
  notIssued: ['Arrivals or iterations that never began.', 'test, scenario'],
  unfinished: [
    'Requests without an answer when the test ended, or when it left the socket or event stream that they were for.',
    'test, scenario, series',
  ],
  resent: [
    'Requests sent a second time because the server had closed the connection as idle.',
    'test, scenario, series',
  ],
  'delivery.lost': ['In a fan-out: owed, and not there when the drain was over.', 'test'],
  'delivery.duplicated': ['Arrivals of a message at a subscriber beyond the first one.', 'test'],
  'delivery.reordered': [
    'Arrived within the drain, after one that was published later, to the same room by the same publisher.',
    'test',
  ],
  'delivery.late': [
    'Arrived after the drain; what was owed and had not come before is in `delivery.lost` too.',
    'test',
  ],
  'delivery.leaked': ['Arrived at a subscriber that was not in the room.', 'test'],
  'delivery.missed': ['Published while the connection of a subscriber in the room was gone: not owed.', 'test'],
  'delivery.unjoined': [
    'Subscribers that were not in a room that they had asked for, because a join came to nothing.',
    'test',
  ],
  'delivery.unknown': [
    'Arrivals that name no message that a publisher of this run has told of, or no single one.',
    'test',
  ],
  'delivery.ambiguous': [
    'Published so near to a join, a leave or the end of a connection that nobody can say whether they were owed; and arrivals of messages whose publishing failed or had not ended.',
    'test',
  ],
  count: ["A counter of the test's own; the scope is its name.", 'own metric'],
  errors: ['Failed requests, of all kinds.', 'test, scenario, series'],
};
const statisticMeanings = {
  mean: 'Mean.',
  sd: 'Standard deviation.',
  min: 'The least.',
  max: 'The most.',
  p50: 'Median.',
  p90: '90 % lie at or below.',
  p95: '95 % lie at or below.',
  p99: '99 % lie at or below.',
  p999: '99.9 % lie at or below.',
  p9999: '99.99 % lie at or below.',
};

export function thresholdsPage({ thresholdWords: words }) {
  const kinds = words.countMetrics.filter((word) => word.startsWith('errors.'));
  const plainCounts = words.countMetrics.filter((word) => !word.startsWith('errors.'));
  assertSame('times', words.timeMetrics, Object.keys(times));
  assertSame('shares', words.shareMetrics, Object.keys(shares));
  assertSame('counts', plainCounts, Object.keys(counts));
  assertSame('statistics', words.statistics, Object.keys(statisticMeanings));
  const rows = (list, meanings) => list.map((word) => [code(word), ...meanings[word]]);
  const kindRow = [code('errors.KIND'), 'Failed requests of one kind.', counts.errors[1]];
  return paragraphs(
    notice('`src/model/threshold-words.ts`'),
    '# Thresholds',
    codeBlock('[scope: ]metric[.statistic] operator value', 'text'),
    codeBlock(
      [
        'thresholds: [',
        "  'latency.p95 < 2s',",
        "  'success >= 95%',",
        "  'GET /dashboard/stats: latency.p99 < 300ms',",
        "  'each: latency.mean < 1.5s',",
        "  'errors.timeout == 0',",
        "  ['latency.p99 < 1s', { window: '10s', abort: true }],",
        ']',
      ].join('\n'),
      'ts',
    ),
    'The compiler checks them, and they are checked again before anything is sent, with a caret under the mistake. How to use them: [thresholds with a window and abort](../how-to/thresholds.md).',
    `Operators: ${words.operators.map(code).join(' ')}.`,
    '## Times',
    'With a statistic: `latency.p95 < 300ms`. Units: `us`, `ms`, `s`, `m`; a bare number is milliseconds.',
    table(['metric', 'is', 'scopes'], rows(words.timeMetrics, times)),
    table(
      ['statistic', 'is'],
      words.statistics.map((word) => [code(word), statisticMeanings[word]]),
    ),
    'A percentile without enough samples is judged by the maximum: [why percentiles are withheld](../explanation/percentiles.md).',
    '## Shares',
    'In percent: `success >= 99.5%`.',
    table(['metric', 'is', 'scopes'], rows(words.shareMetrics, shares)),
    '## Counts',
    'A bare number: `exceptions == 0`.',
    table(['metric', 'is', 'scopes'], [...rows(plainCounts, counts), kindRow]),
    `The kinds: ${kinds.map((word) => code(word.slice('errors.'.length))).join(', ')}. Their meanings: [errors](errors.md#kinds-of-failed-requests).`,
    '## Rate',
    '`rate >= 500/s`: completed requests per second of the load window; those that complete after its end, in the graceful stop, do not count. Units: `/s`, `/m`, `/h`. Scopes: test, scenario, series.',
    '## Scopes',
    table(
      ['scope', 'means'],
      [
        ['none', 'The whole test.'],
        ['`GET /stats: …`', 'A series, by the name the report shows; several scenarios of one name together.'],
        ['`check out: …`', 'A step, a scenario, a check or an own metric, by its name.'],
        ['`each: …`', 'Every series of requests, one by one; the report names the one nearest to breaking.'],
      ],
    ),
    'A scope under which nothing was measured fails the threshold.',
    '## Options',
    table(
      ['option', 'does'],
      [
        ['`window`', 'The threshold must hold in every full sliding window of this length.'],
        ['`abort`', 'Stops the test when the threshold is broken.'],
        ['`abortAfter`', 'Not before this much of the load window, the warm-up left out. Default 10 s.'],
      ],
    ),
    '## Without any',
    'Where a test has no threshold on them, `success >= 99%` and `exceptions == 0` apply; in a fan-out also `delivery.leaked == 0` and `delivery.unjoined == 0`; where its messages are published, `delivery.reach >= 99%`; and where they are and there is neither `storm` nor `reconnect`, `delivery.missed == 0` and `delivery.duplicated == 0`. A threshold over no sample fails.',
  );
}
