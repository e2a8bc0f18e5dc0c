import { expect, test } from 'vitest';
import { planOf } from '../judge/judged-test.fixture.ts';
import { assertThresholds } from './check-thresholds.ts';

test.each(['recovery.p95 < 5s', 'recovery.back >= 100%'])(
  '%s takes no window: who goes in one may be back in another',
  (expression) => {
    assertThresholds(planOf({ thresholds: [expression] }));
    const windowed = planOf({ thresholds: [{ expression, windowMs: 10_000 }] });
    expect(() => {
      assertThresholds(windowed);
    }).toThrow(
      /^shop\.load\.ts:7 {2}'recovery\..*\n +\^ expected no window: recovery(\.back)? is measured of the whole/,
    );
  },
);
