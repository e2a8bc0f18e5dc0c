/** The arrows inside apps/reference-api/src: routes ask services, services ask ports, adapters stand behind the ports. */
const source = '^apps/reference-api/src/';
const test = '[.](test|contract)[.]ts$';

/** A folder, and what it may import besides itself and domain/. `settings.ts` is plain data, and everybody's. */
const arrows = {
  domain: [],
  ports: [],
  services: ['ports'],
  http: ['ports'],
  routes: ['ports', 'services', 'http'],
  data: ['ports'],
  cache: ['ports'],
  // Redis is one connection for both.
  'rate-limit': ['ports', 'cache'],
  criteria: ['ports'],
  sockets: ['ports', 'http'],
};

export default {
  forbidden: [
    ...Object.entries(arrows).map(([layer, allowed]) => ({
      name: `${layer}-imports-only-${[...allowed, 'domain'].join('-')}`,
      severity: 'error',
      from: { path: `${source}${layer}/`, pathNot: test },
      to: { path: source, pathNot: `${source}((${[layer, ...allowed, 'domain'].join('|')})/|settings[.]ts$)` },
    })),
    {
      name: 'a-database-has-one-home',
      severity: 'error',
      from: { path: source, pathNot: [test, `${source}(data|migrate)`] },
      to: { path: 'node_modules/(kysely|libsql|pg)/' },
    },
    { name: 'no-circular', severity: 'error', from: { path: source }, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-test-code-in-source',
      severity: 'error',
      from: { path: source, pathNot: test },
      to: { path: [test, '^apps/reference-api/test/'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
