/** `plimsoll doctor` looks at this machine, whatever it is like: what is told, and that advice is no failure. */
import { expect, test } from 'vitest';
import { makeProject } from '../support/run-cli.ts';

interface Finding {
  readonly ok: boolean;
  readonly name: string;
  readonly text: string;
  readonly advice: string;
}

const names = ['Node', 'processor', 'open files', 'local ports', 'clock', 'timers', 'memory', 'loop-back'];

test('every part is told, in words and as JSON, with what to do about a low limit; exit 0', async () => {
  const project = makeProject();
  const options = { shell: 'ulimit -n 1000' };
  const [words, json] = await Promise.all([
    project.run(['doctor'], options),
    project.run(['doctor', '--json'], options),
  ]);
  expect([words, json].map(({ code, stderr }) => ({ code, stderr }))).toEqual(Array(2).fill({ code: 0, stderr: '' }));
  const limit = 'limit 1,000, the hard limit too';
  const advice = /raise it where it is set .* before a test of more than 900 VUs/;

  const lines = words.stdout.trimEnd().split('\n');
  for (const name of names) expect(lines.filter((line) => line.slice(2).startsWith(`${name} `))).toHaveLength(1);
  const files = lines.findIndex((line) => line.includes('open files'));
  expect(lines[files]).toContain(limit);
  expect(lines[files + 1]).toMatch(advice);

  const findings = JSON.parse(json.stdout) as Finding[];
  expect(findings.map(({ name }) => name)).toEqual(names);
  expect(findings[0]).toEqual({ ok: true, name: 'Node', text: process.version, advice: '' });
  expect(findings[2]).toMatchObject({ ok: false, text: limit });
  expect(findings[2]!.advice).toMatch(advice);
  expect(findings[7]!.text).toMatch(/µs of processor time a request, [\d,]+ requests\/s$/);
});
