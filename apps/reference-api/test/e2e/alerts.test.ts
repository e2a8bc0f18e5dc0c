/** The alert rules: right by Prometheus's own tool, and about metrics that the service really has. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findBinary, isMissing } from '../support/private-server.ts';
import { startApi } from '../support/running-api.ts';

const folder = fileURLToPath(new URL('../../../../deploy/prometheus', import.meta.url));
const promtool = findBinary('promtool');

describe.skipIf(isMissing('promtool', promtool))('promtool', () => {
  test.each([
    ['check rules alerts.yml', /10 rules found/],
    ['test rules alerts.test.yml', /SUCCESS/],
  ])('%s', (words, says) => {
    const { status, stdout, stderr } = spawnSync(promtool!, words.split(' '), { cwd: folder, encoding: 'utf8' });
    expect(stdout + stderr).toMatch(says);
    expect(status).toBe(0);
  });
});

test('every metric that a rule asks for is one that the service tells', async () => {
  const rules = readFileSync(`${folder}/alerts.yml`, 'utf8');
  const asked = new Set([...rules.matchAll(/\b([a-z]+(?:_[a-z]+)+)(?=\{|\[|\))/g)].map(([, name]) => name!));
  expect([...asked].toSorted()).toEqual([
    'database_pool_connections',
    'dependency_up',
    'event_loop_delay_seconds',
    'http_request_duration_seconds_bucket',
    'http_request_duration_seconds_count',
    'sockets_cut_total',
    'sockets_open',
    'sockets_refused_total',
  ]);
  const api = await startApi({ later: onTestFinished });
  const { body } = await api.ask<string>('/metrics');
  for (const name of asked) expect(body).toContain(`# TYPE ${name.replace(/_(bucket|count)$/, '')} `);
});
