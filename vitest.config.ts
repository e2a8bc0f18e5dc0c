import { defineConfig } from 'vitest/config';

/** Files of one project; groups run one after another, so that nothing disturbs what measures time. */
function project(name: string, include: string, order: number, options: { maxWorkers?: number; timeout: number }) {
  return {
    test: {
      name,
      include: [include],
      environment: 'node',
      testTimeout: options.timeout,
      hookTimeout: options.timeout,
      ...(options.maxWorkers !== undefined && { maxWorkers: options.maxWorkers }),
      sequence: { groupOrder: order },
    },
  };
}

export default defineConfig({
  test: {
    coverage: {
      provider: 'v8',
      include: ['{packages/plimsoll,apps/reference-api}/src/**/*.ts'],
      exclude: ['**/*.test.ts'],
    },
    projects: [
      project('unit', '{packages/plimsoll,apps/reference-api,bench}/src/**/*.test.ts', 0, { timeout: 10_000 }),
      project('conformance', 'packages/plimsoll/test/conformance/**/*.test.ts', 0, { timeout: 60_000 }),
      // Each waits more than it works: three at a time keep two cores busy.
      project('e2e', '{packages/plimsoll,apps/reference-api}/test/e2e/**/*.test.ts', 1, {
        timeout: 60_000,
        maxWorkers: 3,
      }),
      // What a service promises under load, it promises on a machine that does nothing else.
      project('alone', 'apps/reference-api/test/alone/**/*.test.ts', 2, { timeout: 60_000, maxWorkers: 1 }),
      project('accuracy', 'packages/plimsoll/test/accuracy/**/*.test.ts', 3, { timeout: 60_000, maxWorkers: 1 }),
    ],
  },
});
