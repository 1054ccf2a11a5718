import { expect, test } from 'vitest';
import { generateCase, runCase } from './differential-case.js';
import { createExecutorEngine } from './engines/executor-engine.js';
import { generateSubgraphs } from './random-supergraphs/generate-subgraphs.js';
import { describeFailureWithSubgraphs } from './report-failure.js';
import { FIRST_SEED, OPERATION_COUNT, TIMEOUT_MS } from './run-settings.js';
import { createTestSupergraph, type TestSupergraph } from './test-supergraph/test-supergraph.js';

const OPERATIONS_PER_SUPERGRAPH = 10;

/** @returns undefined if the generated subgraphs do not compose */
function createRandomSupergraph(seed: number): TestSupergraph | undefined {
  try {
    return createTestSupergraph(generateSubgraphs(seed));
  } catch {
    return undefined;
  }
}

test(
  'over random supergraphs, the executor responds like one schema with all data',
  async () => {
    let compared = 0;
    for (let seed = FIRST_SEED; compared < OPERATION_COUNT; seed += 1) {
      const supergraph = createRandomSupergraph(seed);
      if (!supergraph) continue;
      const engine = createExecutorEngine(supergraph);
      for (let index = 0; index < OPERATIONS_PER_SUPERGRAPH; index += 1) {
        const each = generateCase(supergraph, seed * OPERATIONS_PER_SUPERGRAPH + index);
        const { differences } = await runCase(supergraph, engine, each);
        if (differences.length > 0) {
          const report = await describeFailureWithSubgraphs(supergraph, createExecutorEngine, each);
          expect.fail(`DIFFERENTIAL_SEED=${seed}\n${report}`);
        }
        compared += 1;
      }
    }
  },
  TIMEOUT_MS,
);
