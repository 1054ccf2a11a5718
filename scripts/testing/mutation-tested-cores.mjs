/**
 * A pure core that mutation tests check.
 * @typedef {object} MutationTestedCore
 * @property {readonly string[]} mutate the sources to mutate
 * @property {readonly string[]} tests the unit tests that must notice the mutations
 */

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
  execution: {
    mutate: ['packages/executor/src/execution/*.ts'],
    tests: ['packages/executor/src/execution/*.test.ts'],
  },
};
