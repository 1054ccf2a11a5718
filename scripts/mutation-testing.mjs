// npm run mutation -- [CORE...]: mutation tests of the pure cores (docs/testing.md). Without a core it runs all.
import { Stryker } from '@stryker-mutator/core';
import { MUTATION_TESTED_CORES } from './testing/mutation-tested-cores.mjs';

/** A lower score fails. */
const MINIMUM_SCORE = 85;

const requested = process.argv.slice(2);
const names = requested.length > 0 ? requested : Object.keys(MUTATION_TESTED_CORES);

for (const name of names) {
  const core = MUTATION_TESTED_CORES[name];
  if (!core) {
    console.error(`There is no core "${name}". Use: ${Object.keys(MUTATION_TESTED_CORES).join(', ')}.`);
    process.exitCode = 2;
    break;
  }
  console.log(`\n${name}`);
  // vitest.mutation-testing.config.ts reads it in the processes that run the tests.
  process.env['MUTATION_TESTED_CORE'] = name;
  process.env['PROPERTY_RUNS'] ??= '20';
  await new Stryker({
    mutate: [...core.mutate, '!**/*.test.ts', '!**/index.ts'],
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    vitest: { configFile: 'vitest.mutation-testing.config.ts', related: false },
    coverageAnalysis: 'perTest',
    concurrency: 2,
    incremental: true,
    incrementalFile: `.stryker/${name}.incremental.json`,
    tempDirName: '.stryker/sandbox',
    ignorePatterns: ['data', 'dist', 'docs', 'bench', 'ops', '.turbo'],
    reporters: ['progress-append-only', 'clear-text', 'html', 'json'],
    htmlReporter: { fileName: `.stryker/${name}.html` },
    jsonReporter: { fileName: `.stryker/${name}.json` },
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
    thresholds: { high: MINIMUM_SCORE, low: MINIMUM_SCORE, break: MINIMUM_SCORE },
    // Stryker recognizes most endless loops by the number of repetitions. A busy machine must not end a run.
    timeoutMS: 60_000,
    allowEmpty: false,
  }).runMutationTest();
}
