import { defineConfig } from 'vitest/config';

interface ProjectOptions {
  readonly timeout: number;
  readonly maxWorkers?: number;
  /** false: the files of one worker share its modules, which are loaded once. */
  readonly isolate?: false;
  readonly setupFiles?: string[];
}

/** Files of one project; groups run one after another, so that nothing disturbs what measures time. */
function project(name: string, include: string, order: number, { timeout, ...options }: ProjectOptions) {
  return {
    test: {
      name,
      include: [include],
      environment: 'node',
      testTimeout: timeout,
      hookTimeout: timeout,
      ...options,
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
      // Loading modules anew for each file would take three times the CPU time of the tests.
      project('unit', '{packages/plimsoll,apps/reference-api,bench}/src/**/*.test.ts', 0, {
        timeout: 10_000,
        isolate: false,
        setupFiles: ['packages/plimsoll/test/support/forget-registry.ts'],
      }),
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
