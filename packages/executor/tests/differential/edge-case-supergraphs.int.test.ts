import { expect, test } from 'vitest';
import { compareResponses } from './compare-responses.js';
import { generateCase, runCase } from './differential-case.js';
import { edgeCaseSupergraphs } from './edge-case-supergraphs/index.js';
import { createApolloGatewayEngine } from './engines/apollo-gateway-engine.js';
import { createExecutorEngine } from './engines/executor-engine.js';
import { describeFailure } from './report-failure.js';
import { FIRST_SEED, OPERATION_COUNT, TIMEOUT_MS } from './run-settings.js';
import { createTestSupergraph } from './test-supergraph/test-supergraph.js';

/**
 * @apollo/gateway is right in 56 % of the cases where most fields require others, and in 70 to 90 % elsewhere. A lower
 * share means that the comparison is wrong.
 */
const MIN_CORRECT_SHARE_OF_APOLLO_GATEWAY = 0.3;

test.each(Object.entries(edgeCaseSupergraphs))(
  'over the supergraph "%s", the executor responds like one schema with all data, and like @apollo/gateway where that is right',
  async (_, sdls) => {
    const supergraph = createTestSupergraph(sdls);
    const executor = createExecutorEngine(supergraph);
    const apolloGateway = await createApolloGatewayEngine(supergraph);
    const runs = Math.ceil(OPERATION_COUNT / Object.keys(edgeCaseSupergraphs).length);
    let agreed = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + runs; seed += 1) {
      const each = generateCase(supergraph, seed);
      const actual = await runCase(supergraph, executor, each);
      if (actual.differences.length > 0) expect.fail(await describeFailure(supergraph, executor, each));
      const reference = await runCase(supergraph, apolloGateway, each);
      if (reference.differences.length > 0) continue;
      expect(compareResponses(actual.response, reference.response)).toEqual([]);
      agreed += 1;
    }
    expect(agreed / runs).toBeGreaterThan(MIN_CORRECT_SHARE_OF_APOLLO_GATEWAY);
  },
  TIMEOUT_MS,
);
