/**
 * A pure core that mutation tests check.
 * @typedef {object} MutationTestedCore
 * @property {readonly string[]} mutate the sources to mutate
 * @property {readonly string[]} tests the unit tests that must notice the mutations
 */

const EXECUTION_FILES = [
  'added-data',
  'compile-representation',
  'fetch-data-rewrites',
  'joined-operation',
  'merge-entity-fetches',
  'split-entity-fetch',
];

/** The cores of `npm run mutation`, by name. @type {Readonly<Record<string, MutationTestedCore>>} */
export const MUTATION_TESTED_CORES = {
  evaluation: {
    mutate: ['packages/evaluation/src/*.ts'],
    tests: ['packages/evaluation/src/*.test.ts', 'tests/evaluation/*.test.ts'],
  },
  projection: {
    mutate: ['apps/reports/src/domain/*.ts'],
    tests: ['apps/reports/src/domain/*.test.ts'],
  },
  health: {
    mutate: ['apps/heartbeat/src/domain/*.ts'],
    tests: ['apps/heartbeat/src/domain/*.test.ts'],
  },
  // Files with unit tests that call them directly. The others are tested through whole executors and by comparison with another
  // executor (docs/testing.md), which takes seconds for each mutant.
  execution: {
    mutate: EXECUTION_FILES.map((name) => `packages/executor/src/execution/${name}.ts`),
    tests: EXECUTION_FILES.map((name) => `packages/executor/src/execution/${name}.test.ts`),
  },
};
