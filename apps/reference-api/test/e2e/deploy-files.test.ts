/** The files of deploy/ that others read, and what the script says that cannot start. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { findBinary, isMissing, temporaryFolder } from '../support/private-server.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const path = (name: string): string => `${root}/deploy/${name}`;

test('a start that cannot be says why in one sentence', () => {
  const run = spawnSync(process.execPath, [path('local/start.mjs'), '--instances', '0'], { encoding: 'utf8' });
  expect(run.status).toBe(1);
  expect(run.stderr).toBe("start: --instances is '0', and must be a whole number from 1 to 16\n");
});

describe('the files', () => {
  test('Kubernetes: three documents, with the probes and the time that a stop needs', () => {
    const text = readFileSync(path('kubernetes/reference-api.yaml'), 'utf8');
    for (const name of ['AUTH_SECRET', 'DATABASE_URL', 'REDIS_URL', 'SEED_PASSWORD']) {
      expect(text.split('\n', 1)[0]).toContain(`--from-literal=${name}=…`);
    }
    const documents = parseAllDocuments(text);
    expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
    const [deployment, service] = documents.map((document) => document.toJS() as Record<string, never>);
    expect(documents.map((document) => document.get('kind'))).toEqual(['Deployment', 'Service', 'PodDisruptionBudget']);
    expect(deployment).toMatchObject({
      spec: {
        template: {
          spec: {
            terminationGracePeriodSeconds: 20,
            containers: [
              {
                readinessProbe: { httpGet: { path: '/ready' } },
                livenessProbe: { httpGet: { path: '/health' } },
                ports: [{ name: 'http', containerPort: 4870 }],
              },
            ],
          },
        },
      },
    });
    expect(service).toMatchObject({ spec: { ports: [{ targetPort: 'http' }] } });
  });

  test('systemd: what it starts is what is built, and it waits longer than a stop takes', () => {
    const unit = readFileSync(path('systemd/reference-api@.service'), 'utf8');
    expect(unit).toMatch(/^ExecStart=\/usr\/bin\/node apps\/reference-api\/dist\/main\.js$/m);
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThan(10);
    // Restarted for as long as it takes, but not with a setting that is wrong.
    expect(unit).toMatch(/^StartLimitIntervalSec=0$/m);
    expect(unit).toMatch(/^RestartPreventExitStatus=2$/m);
  });

  const verify = findBinary('systemd-analyze');
  test.skipIf(isMissing('systemd-analyze', verify))('systemd: it finds nothing wrong with the unit', () => {
    const folder = temporaryFolder('systemd');
    onTestFinished(() => folder.remove());
    const unit = join(folder.path, 'reference-api@.service');
    // It looks for the program, which is elsewhere on this machine.
    const text = readFileSync(path('systemd/reference-api@.service'), 'utf8');
    writeFileSync(unit, text.replace('/usr/bin/node', process.execPath));
    const { stderr, error } = spawnSync(verify!, ['verify', '--man=no', unit], { encoding: 'utf8' });
    expect(error).toBeUndefined();
    expect(stderr.split('\n').filter((line) => line.includes('reference-api@'))).toEqual([]);
  });

  test('Docker: every file it copies is there', () => {
    const copied = [...readFileSync(path('Dockerfile'), 'utf8').matchAll(/^COPY (?!--from)(.+) \S+$/gm)];
    expect(copied.length).toBeGreaterThan(3);
    for (const name of copied.flatMap(([, names]) => names!.split(' '))) {
      expect(spawnSync('test', ['-e', `${root}/${name}`]).status, name).toBe(0);
    }
  });
});
