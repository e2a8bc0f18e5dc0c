import { expect, onTestFinished, test } from 'vitest';
import { VirtualClock } from '../../../kernel/virtual-clock.ts';
import { httpBench } from '../http/settings.fixture.ts';
import { Scheduler } from '../scheduler.ts';
import { OpeningRequest, seriesName } from './opening-request.ts';

test.each([
  ['a second or longer is unanswered', 1000, 1],
  ['less may have been on its way', 999, 0],
])('an attempt that the end cuts off: one under way for %s', async (_, ms, unanswered) => {
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
  new OpeningRequest(context, 'WS', '/', {}, owner).startAt(1);
  await clock.pass(ms);
  for (const open of settings.timeouts.takeAll()) open.cut(clock.now());
  expect(cuts).toBe(1);
  expect(bench.take().sockets).toMatchObject({ attempts: 1, refused: 0, unanswered });
});

test.each([
  ['WS /feed', 'WS', '/feed?room=1'],
  ['WS ws://other.test/feed', 'WS', 'ws://user:se@cret@other.test/feed?room=1'],
  ['SSE https://other.test', 'SSE', 'https://user:secret@other.test#part'],
])("'%s' is the name of a series that says nothing of who connects", (name, word, path) => {
  expect(seriesName(word, path, {})).toBe(name);
});
