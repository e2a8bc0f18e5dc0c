import { describe, expect, test } from 'vitest';
import { configIssues } from './config-issues.ts';

test('a configuration that uses everything is valid', () => {
  expect(
    configIssues({
      targets: {
        local: 'http://localhost:3000/api',
        stage: { url: 'https://stage.example', headers: { 'x-key': 'k' } },
      },
      defaultTarget: 'local',
      allow: ['*.example'],
      serve: { command: 'npm start', url: 'http://localhost:3000/health', timeout: '90s', env: { PORT: '3000' } },
      suites: { smoke: ['dashboard'] },
      thresholds: ['success >= 99%', ['latency.p95 < 2s', { window: '10s', abort: true }]],
      reporters: ['junit'],
      store: 'results',
      limits: { maxRate: '300/m', maxVus: 50 },
      http: { timeout: 5000, tls: { insecure: true }, trace: { sampled: 0.1 } },
    }),
  ).toEqual([]);
  expect(configIssues({})).toEqual([]);
  for (const trace of [true, false, {}, { sampled: 0 }]) expect(configIssues({ http: { trace } })).toEqual([]);
});

describe('a mistake is named by its key, with what was expected and what is there', () => {
  test.each([
    [
      { targets: { local: 'localhost:3000' } },
      /^targets\.local: expected a URL that begins with .*, got "localhost:3000"$/,
    ],
    [{ targets: { local: { url: 7 } } }, /^targets\.local\.url: expected text, got 7$/],
    [{ serve: { command: 'npm start' } }, /^serve\.url: expected text, got nothing$/],
    [{ limits: { maxRate: 'fast' } }, /^limits\.maxRate: expected a rate: .*, got "fast"$/],
    [{ limits: { maxVus: 0.5 } }, /^limits\.maxVus: expected a whole number, got 0\.5$/],
    [{ thresholds: ['a', 7] }, /^thresholds\.1: expected text or a pair \[ … \], got 7$/],
    [{ http: { timeout: 'soon' } }, /^http\.timeout: expected a duration: .*, got "soon"$/],
    [{ http: { trace: 'on' } }, /^http\.trace: expected true or false or an object { … }, got "on"$/],
    [{ http: { trace: { sampled: 1.5 } } }, /^http\.trace\.sampled: expected a share from 0 to 1, got 1\.5$/],
    [{ http: { trace: { sampled: '1%' } } }, /^http\.trace\.sampled: expected a share from 0 to 1, got "1%"$/],
    [7, /^the default export: expected an object { … }, got 7$/],
    [undefined, /^the default export: expected an object { … }, got nothing$/],
  ])('%j', (value, message) => {
    const issues = configIssues(value);
    expect(issues).toHaveLength(1);
    expect(issues[0]).toMatch(message);
  });
});

describe('an unknown key', () => {
  test.each([
    [{ target: {} }, "target: there is no such key — did you mean 'targets'?"],
    [
      { serve: { command: 'x', url: 'http://localhost', timout: 1 } },
      "serve.timout: there is no such key — did you mean 'timeout'?",
    ],
    [{ http: { tls: { insecur: true } } }, "http.tls.insecur: there is no such key — did you mean 'insecure'?"],
    [
      { targets: { a: { url: 'http://a', header: {} } } },
      "targets.a.header: there is no such key — did you mean 'headers'?",
    ],
    [{ thresholds: [['a', { abrt: true }]] }, "thresholds.0.1.abrt: there is no such key — did you mean 'abort'?"],
    [{ http: { trace: { sample: 1 } } }, "http.trace.sample: there is no such key — did you mean 'sampled'?"],
    [{ limits: { zebra: 1 } }, 'limits.zebra: there is no such key — known are maxRate, maxVus'],
  ])('%j gets the nearest one', (value, message) => expect(configIssues(value)).toEqual([message]));
});

test('of many mistakes the first eight are shown', () => {
  const targets = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`t${n}`, 'x']));
  const issues = configIssues({ targets });
  expect(issues).toHaveLength(9);
  expect(issues.at(-1)).toBe('and 12 more');
});
