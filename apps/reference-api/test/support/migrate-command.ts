/** The migration as a command of its own. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('../../dist/migrate.js', import.meta.url));

export function migrate(settings: Readonly<Record<string, string>>) {
  const env = { PATH: process.env['PATH'], ...settings };
  const { status, stdout, stderr } = spawnSync(process.execPath, [command], { env, encoding: 'utf8', timeout: 20_000 });
  return { status, stdout, stderr };
}
export const done = { status: 0, stdout: 'carried out: 001-tables\n', stderr: '' };
export const nothingToDo = { status: 0, stdout: 'the database is up to date\n', stderr: '' };
