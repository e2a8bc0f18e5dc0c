/** The script that starts production on one machine, told to stop before it has done so. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { postgresBinary } from '../support/private-postgres.ts';
import { isMissing, temporaryFolder, until } from '../support/private-server.ts';

const startScript = fileURLToPath(new URL('../../../../deploy/local/start.mjs', import.meta.url));

test.skipIf(isMissing('postgres', postgresBinary))(
  'stopped while it starts, it leaves nothing behind',
  { timeout: 60_000 },
  async () => {
    const folder = temporaryFolder('deploy');
    onTestFinished(() => {
      folder.remove();
    });
    // PostgreSQL is another user where this one is root.
    chmodSync(folder.path, 0o755);
    const env = { PATH: process.env['PATH'], TMPDIR: folder.path };
    const script = spawn(process.execPath, [startScript, '--port', '0'], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    onTestFinished(() => void script.kill('SIGKILL'));
    let complained = '';
    script.stderr.setEncoding('utf8').on('data', (text: string) => (complained += text));
    const pid = (): number => {
      const [own] = readdirSync(folder.path);
      const file = `${folder.path}/${own ?? ''}/postgres/data/postmaster.pid`;
      return existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : 0;
    };
    await until(() => Promise.resolve(pid() > 0));
    const postgres = pid();
    script.kill('SIGTERM');
    expect((await once(script, 'exit'))[0]).toBe(0);
    expect(complained).toBe('');
    expect(() => process.kill(postgres, 0)).toThrow('ESRCH');
    expect(readdirSync(folder.path)).toEqual([]);
  },
);
