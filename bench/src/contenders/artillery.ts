/**
 * artillery, which needs a newer Node and 800 MB: installed for the bench into a folder of its own, with the binary of
 * Node that npm carries. Install scripts stay off; one of them would fetch a browser.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../processes.ts';
import type { Contender } from './contender.ts';
import { completedByArtillery } from './peer-output.ts';

const nodePackage = `node-linux-${process.arch}`;
/** Requests for every second of the others' time: about what it can make. */
const requestsPerSecond = 2000;

/**
 * @param folder where to install; used as it is when artillery is already there
 * @returns a contender that is bounded by count: every VU makes its share in a loop over one connection
 */
export function artilleryIn(folder: string): Contender {
  const modules = join(folder, 'node_modules');
  return {
    name: 'artillery',
    title: 'artillery',
    method: 'GET',
    async version() {
      if (!existsSync(join(modules, 'artillery'))) await install(folder);
      return `${packageVersion(modules, 'artillery')} on Node ${packageVersion(modules, nodePackage)}`;
    },
    command({ origin, connections, seconds, folder: scratch }) {
      const script = join(scratch, 'artillery.json');
      writeFileSync(script, JSON.stringify(testScript(origin, connections, loops(connections, seconds))));
      return {
        program: join(modules, nodePackage, 'bin/node'),
        args: [join(modules, 'artillery/bin/run'), 'run', '--quiet', '--output', report(scratch), script],
        cwd: scratch,
        env: { ARTILLERY_DISABLE_TELEMETRY: 'true' },
        shown: 'artillery',
      };
    },
    completed({ stderr, code }, { folder: scratch, connections, seconds }) {
      if (code !== 0) throw new Error(`it ended with code ${String(code)}: ${stderr.trim().slice(-200)}`);
      const completed = completedByArtillery(readFileSync(report(scratch), 'utf8'));
      const wanted = connections * loops(connections, seconds);
      if (completed !== wanted) throw new Error(`it reports ${completed} answers where ${wanted} were asked for`);
      return completed;
    },
  };
}

const report = (scratch: string): string => join(scratch, 'artillery-report.json');

function loops(connections: number, seconds: number): number {
  return Math.ceil((requestsPerSecond * seconds) / connections);
}

/** All VUs arrive within the first second. */
function testScript(target: string, vus: number, count: number): object {
  return {
    config: { target, phases: [{ duration: 1, arrivalCount: vus }] },
    scenarios: [{ flow: [{ loop: [{ get: { url: '/file.txt' } }], count }] }],
  };
}

/** The newer Node first, and npm on it: npm passes over versions that the Node it runs on is too old for. */
async function install(folder: string): Promise<void> {
  await npmInstall(folder, `${nodePackage}@24`, process.env['PATH']);
  await npmInstall(folder, 'artillery@2', `${join(folder, 'node_modules', nodePackage, 'bin')}:${process.env['PATH']}`);
}

async function npmInstall(folder: string, wanted: string, path = ''): Promise<void> {
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', folder, wanted];
  const installed = await run({ program: 'npm', args, cwd: folder, env: { PATH: path } }, 900_000);
  if (installed.code !== 0) throw new Error(`npm could not install ${wanted}: ${installed.stderr.trim().slice(-200)}`);
}

function packageVersion(modules: string, name: string): string {
  return (JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8')) as { version: string }).version;
}
