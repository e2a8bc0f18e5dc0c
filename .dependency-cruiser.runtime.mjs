/**
 * What gets loaded when the code runs, however many files away: type imports are gone, dynamic imports count.
 * zod alone costs 83 ms to import, and every worker would pay it.
 */
import layers from './.dependency-cruiser.mjs';

const source = '^packages/plimsoll/src/';

const neverLoads = (name, from, packages) => ({
  name,
  severity: 'error',
  from: { path: `${source}${from}`, pathNot: '[.]test[.]ts$' },
  to: { path: `node_modules/(${packages.join('|')})/`, reachable: true },
});

export default {
  forbidden: [
    neverLoads('a-test-file-loads-no-host-package', 'index[.]ts$', ['zod', 'esbuild', 'commander', 'log-update']),
    neverLoads('a-worker-loads-no-host-package', 'engine/worker/', ['zod', 'esbuild', 'commander', 'log-update']),
    neverLoads('a-protocol-loads-no-host-package', 'protocol/', ['zod', 'esbuild', 'commander', 'log-update']),
  ],
  options: { ...layers.options, tsPreCompilationDeps: false },
};
