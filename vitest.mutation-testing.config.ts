import { defineConfig } from 'vitest/config';
import { MUTATION_TESTED_CORES } from './scripts/testing/mutation-tested-cores.mjs';

const core = MUTATION_TESTED_CORES[process.env['MUTATION_TESTED_CORE'] ?? ''];
if (!core) throw new Error('Vitest runs with this configuration in npm run mutation.');

const resolve = {
  conditions: ['source', 'node', 'development|production'],
  alias: [
    { find: /^graphql$/, replacement: 'graphql/index.js' },
    // Stryker mutates a copy of the project. Its node_modules are those of the project, whose links lead to unmutated sources.
    {
      find: /^@seguridad-abc\/(contracts|evaluation|executor|platform)(?=$|\/)/,
      replacement: new URL('packages/$1/src', import.meta.url).pathname,
    },
  ],
};

/** Vitest as Stryker runs it (`scripts/mutation-testing.mjs`): the unit tests of one core. */
export default defineConfig({
  resolve,
  ssr: { resolve: { conditions: resolve.conditions } },
  test: {
    env: { APOLLO_TELEMETRY_DISABLED: 'true' },
    include: [...core.tests],
    exclude: ['**/*.{int,e2e}.test.ts', '**/dist/**', '**/node_modules/**'],
    setupFiles: ['tests/harness/property-runs.ts'],
    // Long: a test that a busy machine ends counts as one that noticed the mutant.
    testTimeout: 60_000,
    // Each run of Stryker has a new worker. Its files share their modules, as in vitest.config.ts.
    isolate: false,
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
  },
});
