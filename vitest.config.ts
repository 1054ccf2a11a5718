import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { createLinguiPlugin } from './apps/console/vite/lingui-plugin.js';
import { SlowFilesFirst } from './scripts/testing/slow-files-first.mjs';

/** Sources are tested as they stand: workspace packages resolve to their TypeScript, not to `dist`. */
const resolve = {
  conditions: ['source', 'node', 'development|production'],
  // One copy of graphql in a process: Vite would take its ES build beside the CommonJS one that Apollo loads.
  alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
};

/** How often a property is tried, for a long run by hand (docs/evaluation.md). */
const propertyRuns = process.env['PROPERTY_RUNS'];

/**
 * All files of a worker share their modules: most of the time went into imports. So modules keep no state between tests, and
 * tests close what they open.
 */
const SHARED_MODULES = { isolate: false, restoreMocks: true, unstubEnvs: true, unstubGlobals: true };

/** Tests of monitoring about what exists only on SQLite, or has no database. */
const SQLITE_TESTS = [
  'apps/monitoring/src/{service,service-postgres,several-instances}.int.test.ts',
  'apps/monitoring/src/calendars/holidays.int.test.ts',
  'apps/monitoring/src/db/{disk-faults,group-commit,monitoring-database,postgres-*,query-plans,signals-migration}.int.test.ts',
  'apps/monitoring/src/{leadership,log,restore,store-migration}/**',
];

export default defineConfig({
  resolve,
  ssr: { resolve: { conditions: resolve.conditions } },
  test: {
    // platform/run-service.ts sets the same for a service process.
    env: { APOLLO_TELEMETRY_DISABLED: 'true' },
    // Sources start worker threads.
    execArgv: ['--import', new URL('scripts/testing/typescript-workers.mjs', import.meta.url).href],
    // Vitest keeps one core free. Of two cores that is half, and most tests also wait.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    sequence: { sequencer: SlowFilesFirst },
    // A second, the default, is too short for a busy machine.
    expect: { poll: { timeout: 30_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            '{apps,packages,scripts}/**/*.test.{ts,mjs}',
            'tests/{,chaos/,evaluation/,reference/}*.test.ts',
          ],
          exclude: ['**/*.{int,e2e}.test.ts', '**/dist/**', '**/node_modules/**', 'apps/console/**'],
          ...SHARED_MODULES,
          sequence: { groupOrder: 0 },
          testTimeout: propertyRuns ? 0 : 60_000,
          setupFiles: propertyRuns ? ['tests/harness/property-runs.ts'] : [],
        },
      },
      {
        extends: true,
        plugins: [createLinguiPlugin()],
        test: {
          // The components of the console, in a DOM without a browser.
          name: 'console',
          include: ['apps/console/**/*.test.{ts,tsx}'],
          environment: 'happy-dom',
          ...SHARED_MODULES,
          setupFiles: ['apps/console/src/testing/set-up.ts'],
          sequence: { groupOrder: 0 },
          // Longer than `expect.poll` waits, so that a failure shows its assertion.
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['{apps,packages}/**/*.int.test.ts', 'tests/**/*.int.test.ts'],
          ...SHARED_MODULES,
          sequence: { groupOrder: 1 },
          // These tests wait for Redis and for processes: with two workers, two cores are idle for a third of the time.
          maxWorkers: Math.max(3, availableParallelism()),
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          // The tests of the storages of monitoring and heartbeat once more, on PostgreSQL.
          name: 'postgres',
          include: [
            'apps/monitoring/src/**/*.int.test.ts',
            'apps/heartbeat/src/db/health-repositories.int.test.ts',
          ],
          exclude: SQLITE_TESTS,
          globalSetup: ['tests/harness/shared-postgres.ts'],
          ...SHARED_MODULES,
          sequence: { groupOrder: 1 },
          maxWorkers: Math.max(3, availableParallelism()),
          // Each statement is a round trip to another process.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['tests/**/*.e2e.test.ts'],
          sequence: { groupOrder: 2 },
          // These tests wait even more, for timers and for programs that start.
          maxWorkers: Math.max(3, availableParallelism()),
          // Many times what a quiet machine needs: four services start, next to those of another file.
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
