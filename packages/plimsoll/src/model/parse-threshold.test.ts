import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseThreshold, ThresholdSyntaxError } from './parse-threshold.ts';
import {
  countMetrics,
  operators,
  ownMetrics,
  shareMetrics,
  statistics,
  timeMetrics,
  wholeTestMetrics,
} from './threshold-words.ts';

/** The message's second line points below the first: what stands above the caret, and what was expected there. */
function mistake(source: string, place = ''): { at: string; expected: string; hint: string } {
  try {
    parseThreshold(source, place);
  } catch (error) {
    if (!(error instanceof ThresholdSyntaxError)) throw error;
    const [shown = '', pointer = ''] = error.message.split('\n');
    expect(shown).toBe(`${place === '' ? '' : `${place}  `}'${source}'`);
    const column = pointer.indexOf('^');
    return { at: shown.slice(column, -1), expected: pointer.slice(column + '^ expected '.length), hint: error.hint! };
  }
  throw new Error(`'${source}' was accepted`);
}

describe('what it means', () => {
  test.each([
    ['latency.p95 < 2s', { family: 'time', metric: 'latency', statistic: 'p95', operator: '<', bound: 2000 }],
    ['latency.p95 < 2', { family: 'time', bound: 2 }],
    ['latency.p95<2ms', { family: 'time', bound: 2 }],
    ['service.max <= 1500us', { family: 'time', metric: 'service', statistic: 'max', operator: '<=', bound: 1.5 }],
    ['iteration.sd < 1.5m', { family: 'time', metric: 'iteration', statistic: 'sd', bound: 90_000 }],
    ['latency.mean < .25s', { family: 'time', bound: 250 }],
    ['latency.mean < 1e3', { family: 'time', bound: 1000 }],
    ['success >= 95%', { family: 'share', metric: 'success', statistic: undefined, operator: '>=', bound: 0.95 }],
    ['connect.success >= 100%', { family: 'share', metric: 'connect.success', bound: 1 }],
    ['limited == 0%', { family: 'share', metric: 'limited', operator: '==', bound: 0 }],
    ['exceptions == 0', { family: 'count', metric: 'exceptions', bound: 0 }],
    ['errors.port-limit != 7', { family: 'count', metric: 'errors.port-limit', operator: '!=', bound: 7 }],
    ['rate >= 500', { family: 'rate', metric: 'rate', bound: 500 }],
    ['rate >= 500/s', { family: 'rate', bound: 500 }],
    ['rate >= 300/m', { family: 'rate', bound: 5 }],
    ['rate > 1800/h', { family: 'rate', operator: '>', bound: 0.5 }],
  ])('%s', (source, meaning) => {
    expect(parseThreshold(source)).toMatchObject({ expression: source, scope: undefined, ...meaning });
  });

  test('a percentage is the share that so many of so many make, to the last bit', () => {
    const shares = Array.from({ length: 10_001 }, (_, n) => n / 10_000);
    const off = shares.filter((share, n) => parseThreshold(`success >= ${n / 100}%`).bound !== share);
    expect(off).toEqual([]);
    expect(parseThreshold('rate >= 100/m').bound).toBe(100 / 60);
  });

  test('the scope is everything before the last colon with a space', () => {
    const scopeOf = (source: string) => parseThreshold(source).scope;
    expect(scopeOf('GET /a/{id}: latency.p99 < 300ms')).toBe('GET /a/{id}');
    expect(scopeOf('step: part: latency.p99 < 300ms')).toBe('step: part');
    expect(scopeOf('http://h:80/a: success > 1%')).toBe('http://h:80/a');
    expect(scopeOf('each: latency.mean < 1s')).toBe('each');
  });
});

describe('the caret stands under the mistake', () => {
  test.each([
    ['latency.p9s < 2s', 'p9s < 2s', "write 'latency.p90 < 2s'"],
    ['latency < 2s', ' < 2s', "write 'latency.p95 < 2s'"],
    ['GET /a: latency.maen < 2s', 'maen < 2s', "write 'latency.mean < 2s'"],
    ['sucess >= 95%', 'sucess >= 95%', "did you mean 'success'?"],
    ['each: latncy.p95 < 2s', 'latncy.p95 < 2s', "did you mean 'latency.p95'?"],
    ['speed < 2s', 'speed < 2s', "write 'latency.p95 < 2s'"],
    ['errors.timeouts == 0', 'errors.timeouts == 0', "did you mean 'errors.timeout'?"],
    ['latency.p95 =< 2s', '=< 2s', "did you mean 'latency.p95 <= 2s'?"],
    ['latency.p95 2s', '2s', "write 'latency.p95 < …'"],
    ['latency.p95 < fast', 'fast', "write 'latency.p95 < …' with a number"],
    ['latency.p95 < 2 seconds', 'seconds', "'latency.p95' is not measured in 'seconds'"],
    ['success >= 0.95', '', "write 'success >= 0.95%'"],
    ['success >= 95 ms', 'ms', "'success' is not measured in 'ms'"],
    ['rate >= 500/d', '/d', "'rate' is not measured in '/d'"],
    ['exceptions == 0%', '%', "'exceptions' is not measured in '%'"],
    ['latency.p95 < 2s or so', 'or so', 'write one threshold in each string'],
    [': latency.p95 < 2s', ': latency.p95 < 2s', 'leave the colon out to mean the whole test'],
    ['', '', "write 'latency.p95 < 2s'"],
    ['delivery.reech >= 99%', 'delivery.reech >= 99%', "did you mean 'delivery.reach'?"],
    ['delivery.duplicate == 0', 'delivery.duplicate == 0', "did you mean 'delivery.duplicated'?"],
    ['connect.succes >= 99%', 'connect.succes >= 99%', "did you mean 'connect.success'?"],
    ['delivery.p96 < 1s', 'p96 < 1s', "write 'delivery.p90 < 2s'"],
    ['value.p95 < 9', 'value.p95 < 9', "write 'NAME: value.p95 …' with the name given to metric"],
    ['each: count > 9', 'each: count > 9', "write 'NAME: count …' with the name given to metric"],
    ['payment: value.p95 < 2s', 's', "'value.p95' is not measured in 's'"],
    ['GET /a: lag.p99 < 5ms', 'GET /a: lag.p99 < 5ms', "write 'lag.p99 …'"],
    ['each: connect.success >= 9%', 'each: connect.success >= 9%', "write 'connect.success …'"],
    ['each: iteration.p95 < 2s', 'each: iteration.p95 < 2s', "write 'iteration.p95 …'"],
    ['each: exceptions == 0', 'each: exceptions == 0', "write 'exceptions …'"],
    ['success => 99%', '=> 99%', "did you mean 'success >= 99%'?"],
    ['GET /a: rate = 5/s', '= 5/s', "did you mean 'GET /a: rate == 5/s'?"],
    ['success >= 950%', '950%', 'no other could ever be held or broken'],
    ['limited <= -1%', '-1%', 'no other could ever be held or broken'],
  ])("'%s'", (source, at, hint) => {
    expect(mistake(source)).toMatchObject({ at, hint });
    expect(mistake(source, 'dashboard.load.ts:14')).toMatchObject({ at, hint });
  });

  test('says what was expected', () => {
    expect(mistake('latency.p9s < 2s').expected).toBe('a statistic: mean sd min max p50 p90 p95 p99 p999 p9999');
    expect(mistake('latency.p95 ~ 2s').expected).toBe('an operator: < <= > >= == !=');
    expect(mistake('success >= 0.95').expected).toBe("'%'");
    expect(mistake('success >= 950%').expected).toBe('a share from 0% to 100%');
    expect(mistake('count > 9').expected).toBe("the name of a metric of your own before 'count'");
    expect(mistake('GET /a: lag.p99 < 5ms').expected).toBe('no scope: lag is measured of the whole test alone');
    expect(mistake('each: notIssued == 0').expected).toBe('a scenario or no scope: a series has no notIssued');
  });
});

describe('any valid threshold', () => {
  const amount = fc.oneof(
    fc.nat(100_000),
    fc.nat(100_000).map((n) => n / 1000),
  );
  const space = fc.constantFrom('', ' ', '  ');
  const time = fc.record({
    family: fc.constant('time'),
    metric: fc.constantFrom(...timeMetrics.filter((metric) => metric !== 'value')),
    statistic: fc.constantFrom(...statistics),
    unit: fc.constantFrom(['', 1], ['us', 0.001], ['ms', 1], ['s', 1000], ['m', 60_000]),
  });
  const value = fc.record({
    family: fc.constant('time'),
    metric: fc.constant('value'),
    statistic: fc.constantFrom(...statistics),
    unit: fc.constant(['', 1]),
  });
  const bare = (family: string, words: readonly string[], units: [string, number][]) =>
    fc.record({
      family: fc.constant(family),
      metric: fc.constantFrom(...words),
      statistic: fc.constant(undefined),
      unit: fc.constantFrom(...units),
    });
  const parts = fc.oneof(
    time,
    value,
    bare('share', shareMetrics, [['%', 0.01]]),
    bare('count', countMetrics, [['', 1]]),
    bare(
      'rate',
      ['rate'],
      [
        ['', 1],
        ['/s', 1],
        ['/m', 1 / 60],
        ['/h', 1 / 3600],
      ],
    ),
  );
  const scope = fc.option(
    fc.string({ minLength: 1, maxLength: 20 }).filter((text) => text.trim() === text && !text.includes(': ')),
    { nil: undefined },
  );

  test('parses to what it was built from', () => {
    fc.assert(
      fc.property(parts, scope, fc.constantFrom(...operators), amount, space, (each, anyName, operator, any, gap) => {
        const metric = each.statistic === undefined ? each.metric : `${each.metric}.${each.statistic}`;
        const [unit, factor] = each.unit as [string, number];
        const name = isOneOf(wholeTestMetrics, each.metric)
          ? undefined
          : (anyName ?? (isOneOf(ownMetrics, each.metric) ? 'orders' : undefined));
        const number = each.family === 'share' ? any % 100 : any;
        const source = `${name === undefined ? '' : `${name}: `}${metric}${gap}${operator}${gap}${number}${unit}`;
        const { bound, ...parsed } = parseThreshold(source);
        expect(parsed).toEqual({
          expression: source,
          scope: name,
          family: each.family,
          metric: each.metric,
          statistic: each.statistic,
          operator,
        });
        expect(Math.abs(bound - number * factor)).toBeLessThanOrEqual(1e-12 * number * factor);
      }),
      { seed: 3, numRuns: 400 },
    );
  });

  test('anything else is refused with a caret inside of the text or right behind it', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 40 }).filter((text) => !text.includes('\n')),
        (source) => {
          try {
            parseThreshold(source);
          } catch (error) {
            expect(error).toBeInstanceOf(ThresholdSyntaxError);
            const column = (error as Error).message.split('\n').at(-1)!.indexOf('^');
            expect(column).toBeGreaterThanOrEqual(1);
            expect(column).toBeLessThanOrEqual(source.length + 1);
          }
        },
      ),
      { seed: 4, numRuns: 400 },
    );
  });
});

function isOneOf(words: readonly string[], word: string): boolean {
  return words.includes(word);
}
