import { expect, onTestFinished, test } from 'vitest';
import { VirtualClock } from '../../../kernel/virtual-clock.ts';
import { httpBench } from '../http/settings.fixture.ts';
import { Scheduler } from '../scheduler.ts';
import { OpeningRequest, seriesName } from './opening-request.ts';

const underWay = [
  ['a second or longer is unanswered', 1000, 1],
  ['less may have been on its way', 999, 0],
] as const;

/** It has been due for 5 s when it is made, and is `ms` old then. */
async function attemptOf(ms: number) {
  const clock = new VirtualClock(0);
  const bench = httpBench({ target: 'http://shop.test', clock });
  onTestFinished(() => bench.close());
  const { settings, builder, thread, vu } = bench;
  const scheduler = new Scheduler(clock, false);
  const context = { settings, quiet: settings, quietBuilder: builder, scheduler, thread, vu, scenario: 's' };
  settings.recorder.sockets.use();
  let cuts = 0;
  const owner = { expired: () => undefined, cut: () => cuts++ };
  // Late by its schedule already: that is no time in which the server could have answered.
  await clock.pass(5000);
  const request = new OpeningRequest(context, 'WS', '/', {}, owner);
  request.startAt(1);
  await clock.pass(ms);
  const cut = (): number => {
    for (const open of settings.timeouts.takeAll()) open.cut(clock.now());
    return cuts;
  };
  return { bench, request, cut };
}

test.each(underWay)('an attempt that the end cuts off: one under way for %s', async (_, ms, unanswered) => {
  const { bench, cut } = await attemptOf(ms);
  expect(cut()).toBe(1);
  expect(bench.take().sockets).toMatchObject({ attempts: 1, refused: 0, unanswered });
});

test.each(underWay)(
  'an attempt that the test leaves is unfinished: one under way for %s',
  async (_, ms, unanswered) => {
    const { bench, request, cut } = await attemptOf(ms);
    request.leave();
    request.leave();
    expect(cut()).toBe(0);
    const { sockets, series } = bench.take();
    expect(sockets).toMatchObject({ attempts: 1, opened: 0, refused: 0, unanswered });
    expect(series).toMatchObject([{ issued: 1, expected: 0, failed: 0, unfinished: 1, status: {}, errors: {} }]);
  },
);

test.each([
  ['WS /feed', 'WS', '/feed?room=1'],
  ['WS ws://other.test/feed', 'WS', 'ws://user:se@cret@other.test/feed?room=1'],
  ['SSE https://other.test', 'SSE', 'https://user:secret@other.test#part'],
])("'%s' is the name of a series that says nothing of who connects", (name, word, path) => {
  expect(seriesName(word, path, {})).toBe(name);
});
