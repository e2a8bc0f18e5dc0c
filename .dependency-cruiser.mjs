/**
 * The arrows between the folders of packages/plimsoll/src, type imports included.
 * The second configuration, .dependency-cruiser.runtime.mjs, looks at what is loaded when the code runs.
 */
const source = '^packages/plimsoll/src/';
// Fixtures lie beside the tests they serve, and belong to them.
const test = '[.](test|fixture)[.]ts$';

/**
 * A folder, and what it may import besides itself, node:* and the kernel: every error is a PlimsollError and all time comes
 * from kernel/clock, so every folder needs those two.
 */
const arrows = {
  kernel: [],
  stats: [],
  model: ['stats'],
  pacing: ['model'],
  protocol: [],
  engine: ['stats', 'model', 'pacing', 'protocol'],
  judge: ['stats', 'model'],
  store: ['model', 'stats'],
  input: ['model'],
  report: ['model', 'stats', 'judge'],
  live: ['report', 'engine'],
  fleet: ['engine'],
};

/** An npm package, and the only places that may name it. */
const packageHomes = {
  zod: 'model/schema/',
  commander: 'cli/',
  esbuild: 'input/',
};

const layerRules = Object.entries(arrows).map(([layer, allowed]) => ({
  name: `${layer}-imports-only-${[...allowed, 'kernel'].join('-')}`,
  comment: `${layer}/ stands above the folders it may not import: data flows one way.`,
  severity: 'error',
  from: { path: `${source}${layer}/`, pathNot: test },
  to: { path: source, pathNot: `${source}(${[layer, ...allowed, 'kernel'].join('|')})/` },
}));

const packageRules = Object.entries(packageHomes).map(([name, home]) => ({
  name: `${name}-has-one-home`,
  comment: `${name} is imported from ${home} alone.`,
  severity: 'error',
  from: { path: source, pathNot: [test, `${source}(${home})`] },
  to: { path: `node_modules/${name}/` },
}));

const purity = (layers) => ({
  name: `${layers.join('-')}-are-pure`,
  comment: 'Pure maths and plain data: no sockets, files or processes.',
  severity: 'error',
  from: { path: `${source}(${layers.join('|')})/`, pathNot: test },
  to: { dependencyTypes: ['core'], pathNot: '^(node:)?(buffer|zlib)$' },
});

export default {
  forbidden: [
    ...layerRules,
    ...packageRules,
    purity(['stats', 'model', 'pacing', 'judge']),
    {
      name: 'kernel-is-node-only',
      severity: 'error',
      from: { path: `${source}kernel/`, pathNot: test },
      to: { dependencyTypesNot: ['core', 'local'] },
    },
    {
      name: 'workers-and-protocols-format-nothing',
      comment: 'What runs beside the measurement neither validates nor formats.',
      severity: 'error',
      from: { path: `${source}(engine/worker|protocol)/`, pathNot: test },
      to: { path: [`${source}(report|cli|model/schema)/`, 'node_modules/(zod|log-update|string-width)/'] },
    },
    {
      name: 'host-and-worker-meet-in-the-channel',
      comment: 'One contract file between host and worker: the host never reaches into a worker.',
      severity: 'error',
      from: { path: `${source}engine/[^/]+[.]ts$`, pathNot: test },
      to: { path: `${source}engine/worker/` },
    },
    {
      name: 'index-reaches-neither-zod-nor-esbuild',
      comment:
        'However many files away, and in types too: whoever reads our declarations would have to load those packages.',
      severity: 'error',
      from: { path: `${source}index[.]ts$` },
      to: { path: 'node_modules/(zod|esbuild)/', reachable: true },
    },
    {
      name: 'index-is-for-users',
      comment: 'The only barrel is what a test file imports; inside, import the file itself.',
      severity: 'error',
      from: { path: source, pathNot: test },
      to: { path: `${source}index[.]ts$` },
    },
    {
      name: 'no-test-code-in-source',
      severity: 'error',
      from: { path: source, pathNot: test },
      to: { path: [test, '^packages/plimsoll/test/'] },
    },
    { name: 'no-circular', severity: 'error', from: { pathNot: test }, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'only-declared-packages',
      comment: 'The published package can import only what its own package.json lists.',
      severity: 'error',
      from: { path: source, pathNot: test },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    combinedDependencies: false,
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
