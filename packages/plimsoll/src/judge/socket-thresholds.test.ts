import { expect, test } from 'vitest';
import type { ThresholdResult } from '../model/result.ts';
import { snapshotOf, socketsOf } from '../stats/snapshot.fixture.ts';
import { TestTotals } from '../stats/totals.ts';
import { planOf } from './judged-test.fixture.ts';
import { ThresholdJudge } from './thresholds.ts';

type Sockets = Parameters<typeof socketsOf>[0];

/** What sockets did second after second, the first of which is the warm-up. */
function judge(threshold: string, warmUp: Sockets, load: Sockets): ThresholdResult {
  const totals = new TestTotals();
  for (const [second, sockets] of [warmUp, load].entries()) {
    totals.add(second, [snapshotOf({ second, sockets: socketsOf(sockets) })], second === 0);
  }
  return new ThresholdJudge(planOf({ warmUpMs: 1000, thresholds: [threshold] }), totals).results(1)[0]!;
}

test.each([
  ['refused ones', { attempts: 4, opened: 3, refused: 1 }, 3 / 4],
  ['those that the server had not answered at the end', { attempts: 4, opened: 2, unanswered: 2 }, 2 / 4],
  ['and not one that had just begun', { attempts: 4, opened: 3 }, 1],
])('connect.success of sockets: of all attempts, %s', (_, sockets, value) => {
  expect(judge('connect.success >= 100%', {}, sockets)).toMatchObject({ ok: value === 1, value });
});

test('connections of the warm-up count: most are made in it', () => {
  const warmUp = { attempts: 2, opened: 1, refused: 1 };
  const result = judge('connect.success >= 80%', warmUp, { attempts: 2, opened: 2 });
  expect(result).toMatchObject({ ok: false, value: 0.75 });
});
