import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Project } from '../support/cli.ts';

let project: Project;
beforeEach(() => {
  project = new Project();
});
afterEach(() => project.remove());

/** Runs, expects a usage error told without a stack, and returns what was told. */
async function refused(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await project.plimsoll(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  if (stderr.trim().split('\n').length === 1) expect(stderr).toMatch(/^plimsoll: /);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(project.runs()).toEqual([]);
  return stderr;
}

function loadTest(name: string, options = '', before = ''): string {
  return `import { csv, loadTest, sharedIterations } from 'plimsoll';
${before}
loadTest('${name}', { load: sharedIterations({ vus: 1, iterations: 1 }), ${options} }, async ({ http }) => {
  await http.get('http://127.0.0.1:9/');
});`;
}

describe('on the command line', () => {
  test.each([
    [['run', '--raet', '5'], "unknown option '--raet' — did you mean --rate?"],
    [['rnu'], "unknown command 'rnu' — did you mean run?"],
    [[], 'no command given — see plimsoll --help'],
    [['quick'], "missing required argument 'url' — see plimsoll quick --help"],
    [['quick', 'http://'], "'http://' is not a URL"],
    [['quick', 'localhost', '-d', 'soon'], "-d: 'soon' is not a duration — write '500ms', '2s' or '1m30s'"],
    [['quick', 'localhost', '-n', 'many'], "-n: 'many' is not a whole number from 1"],
    [['quick', 'localhost', '-m', 'G ET'], "-m: 'G ET' is not a method — write one word, such as PUT"],
    [['quick', 'localhost', '--source-address', 'abc'], "--source-address: 'abc' is not an IP address"],
    [['run', '--source-address', '127.0.0.1,1.2.3'], "--source-address: '1.2.3' is not an IP address"],
    [['quick', 'localhost', '-H', 'nonsense'], "-H: 'nonsense' is not a header"],
    [['quick', 'localhost', '--body', '@gone.txt'], '--body: gone.txt cannot be read'],
    [['run', '--config', 'gone.ts'], 'there is no configuration file gone.ts'],
    [['report', 'nothing'], 'no run is stored in'],
    [['report', '--format', 'htlm'], "--format: there is no format 'htlm'"],
    [['init', 'shop'], "'shop' is not a URL"],
  ])('%j', async (args, message) => {
    const told = await refused(...args);
    expect(told).toContain(`plimsoll: ${message}`);
    expect(told.trim().split('\n')).toHaveLength(1);
  });

  test('help and version are answered with exit 0', async () => {
    const version = await project.plimsoll('--version');
    expect(version).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string });
    const help = await project.plimsoll('run', '--help');
    expect(help).toMatchObject({ code: 0, stdout: expect.stringContaining('--dry-run') as string });
  });
});

describe('in test files', () => {
  test('there is none', async () => {
    expect(await refused('run')).toMatch(/no test file found: .*\*\.load\.ts.*plimsoll init/);
  });

  test('no test matches', async () => {
    project.write('a.load.ts', loadTest('dashboard'));
    expect(await refused('run', 'dashbaord')).toContain("no test matches 'dashbaord' — did you mean 'dashboard'?");
  });

  test('one does not compile: the place and the line', async () => {
    project.write('a.load.ts', 'const fine = 1;\nconst a b;\n');
    const told = await refused('run');
    expect(told).toContain('a.load.ts does not compile');
    expect(told).toContain('a.load.ts:2:9');
    expect(told).toContain('const a b;');
  });

  test('one throws while it is loaded: the place in the source', async () => {
    project.write('a.load.ts', 'type A = string;\n\nthrow new Error("no database url");\n');
    expect(await refused('run')).toMatch(/a\.load\.ts:3:7.*no database url/);
  });

  test('two tests have one name', async () => {
    project.write('a.load.ts', `${loadTest('twin')}\n${loadTest('twin').replace(/^import.*$/m, '')}`);
    expect(await refused('run')).toMatch(/a\.load\.ts has two tests called 'twin': lines 3 and \d+/);
  });

  test('a threshold has a typing error: the place, and a caret under it', async () => {
    project.write('a.load.ts', loadTest('first', "thresholds: ['latency.p9s < 2s']"));
    const told = await refused('run', '--target', 'http://127.0.0.1:9');
    expect(told).toContain('a.load.ts:3');
    const [line, caret] = told.split('\n').slice(0, 2);
    expect(caret?.indexOf('^')).toBe(line!.indexOf('p9s'));
  });

  test('a data file is missing', async () => {
    project.write('sub/a.load.ts', loadTest('first', '', "csv('users.csv');"));
    expect(await refused('run')).toContain('sub/users.csv does not exist (named in sub/a.load.ts)');
  });

  test('an option is misspelt', async () => {
    project.write('a.load.ts', loadTest('first', 'tresholds: []'));
    expect(await refused('run')).toContain("test 'first' has no option 'tresholds' — did you mean 'thresholds'?");
  });

  test('a load model is none', async () => {
    project.write('a.load.ts', loadTest('first').replace(/sharedIterations\(\{.*?\}\)/, '{}'));
    expect(await refused('run')).toContain("test 'first' needs a load model and a function");
  });

  test('a load model is impossible', async () => {
    project.write('a.load.ts', loadTest('first').replace('vus: 1', 'vus: -1'));
    expect(await refused('run')).toContain('sharedIterations: vus is -1, expected a whole number from 1');
  });
});

describe('in a fan-out', () => {
  const connect = "connect: ({ ws }) => ws.connect('/')";
  const receive = 'receive: () => undefined';
  const fanOut = (options: string, roles: string): string => `import { fanOut } from 'plimsoll';

fanOut('news', { subscribers: 4, duration: '2s', ${options} }, { ${roles} } as never);`;

  test.each([
    ['', connect, "fan-out 'news' has no role 'receive' — write receive: "],
    ['', `${connect}, recieve: () => undefined`, "has no role 'recieve' — did you mean 'receive'?"],
    ['', `${connect}, ${receive}, onJoin: () => undefined`, "has no role 'onJoin' — did you mean 'join'?"],
    ["storm: { after: '1s' } as never", `${connect}, ${receive}`, "the storm has no option 'after'"],
    [
      'reconnect: { dely: 1 } as never',
      `${connect}, ${receive}`,
      "reconnect has no option 'dely' — did you mean 'delay'?",
    ],
    ['joins: () => undefined as never', `${connect}, ${receive}`, 'joins gives undefined, expected a list of rooms'],
  ])('%s %s', async (options, roles, message) => {
    project.write('a.load.ts', fanOut(options, roles));
    for (const more of [[], ['--dry-run']]) {
      const told = await refused('run', '--target', 'http://127.0.0.1:9', ...more);
      expect(told).toMatch(/^plimsoll: a\.load\.ts:3:\d+ /);
      expect(told).toContain(message);
    }
  });

  test('its storm would come after an end that the command line sets', async () => {
    project.write('a.load.ts', fanOut("storm: { at: '1s', cut: 1 }", `${connect}, ${receive}`));
    const told = await refused('run', '--target', 'http://127.0.0.1:9', '--duration', '900ms');
    expect(told).toContain("a.load.ts:3 'news' as the command line changes it: the storm comes after 1000 ms");
  });
});

test('a threshold is refused by --dry-run too', async () => {
  project.write('a.load.ts', loadTest('first', "thresholds: ['deafult: iteration.p95 < 1s']"));
  const told = await refused('run', '--dry-run', '--target', 'http://127.0.0.1:9');
  expect(told).toMatch(/\^ expected the name of a scenario\s+did you mean 'default'\?/);
});

describe('in the configuration', () => {
  test('each wrong key is told', async () => {
    project.write('plimsoll.config.ts', "export default { targts: {}, limits: { maxVus: 'x' } };");
    const told = await refused('run');
    expect(told).toContain("targts: there is no such key — did you mean 'targets'?");
    expect(told).toContain('limits.maxVus: expected a number, got "x"');
  });

  test('there is no default export', async () => {
    project.write('plimsoll.config.ts', 'export const config = {};');
    expect(await refused('run')).toContain('the default export: expected an object { … }, got nothing');
  });

  test('a target is not known, a suite is not known, a ceiling is too low', async () => {
    project.write('a.load.ts', loadTest('first'));
    project.write(
      'plimsoll.config.ts',
      "export default { targets: { local: 'http://127.0.0.1:9' }, suites: { smoke: [] }, limits: { maxVus: 3 } };",
    );
    expect(await refused('run', '--target', 'lcoal')).toContain("there is no target 'lcoal' — did you mean 'local'?");
    expect(await refused('run', '--suite', 'smok')).toContain("there is no suite 'smok' — did you mean 'smoke'?");
    expect(await refused('run', '--iterations', '9', '--vus', '4')).toContain(
      "'first' asks for 4 VUs; the ceiling of this project is 3",
    );
  });
});

test('too few open files for the VUs are told before anything is sent', async () => {
  project.write('a.load.ts', loadTest('first').replace('vus: 1, iterations: 1', 'vus: 3000000, iterations: 3000000'));
  expect(await refused('run')).toMatch(
    /'first' needs 3,000,000 connections, and this shell allows [\d,]+ open files — (run 'ulimit -n 3001000' first|no more than [\d,]+, the hard limit)/,
  );
});
