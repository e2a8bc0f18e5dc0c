import { expect, test } from 'vitest';
import { seriesName } from './opening-request.ts';

test.each([
  ['WS /feed', 'WS', '/feed?room=1'],
  ['WS ws://other.test/feed', 'WS', 'ws://user:se@cret@other.test/feed?room=1'],
  ['SSE https://other.test', 'SSE', 'https://user:secret@other.test#part'],
])("'%s' is the name of a series that says nothing of who connects", (name, word, path) => {
  expect(seriesName(word, path, {})).toBe(name);
});
