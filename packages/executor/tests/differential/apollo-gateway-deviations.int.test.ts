import type { FormattedExecutionResult } from 'graphql';
import { describe, expect, test } from 'vitest';
import { compareResponses } from './compare-responses.js';
import type { ApolloGatewayDeviation } from './deviations/apollo-gateway-deviation.js';
import { executionDeviations } from './deviations/execution-deviations.js';
import { planningDeviations } from './deviations/planning-deviations.js';
import { typeConditionDeviations } from './deviations/type-condition-deviations.js';
import { createApolloGatewayEngine } from './engines/apollo-gateway-engine.js';
import { createExecutorEngine } from './engines/executor-engine.js';
import type { RequestHandler } from './test-supergraph/test-subgraph.js';
import { createTestSupergraph } from './test-supergraph/test-supergraph.js';

/** How both engines differ from the expected response. */
async function findDifferences(deviation: ApolloGatewayDeviation) {
  const { sdls, subgraphResponses = {}, dataSettings = {} } = deviation;
  const supergraph = createTestSupergraph(sdls);
  const overriddenSubgraphs = Object.entries(subgraphResponses).map(
    ([name, respond]): [string, RequestHandler] => [name, () => Promise.resolve().then(respond)],
  );
  const subgraphs = { ...supergraph.subgraphs, ...Object.fromEntries(overriddenSubgraphs) };
  const federation = { ...supergraph, subgraphs };
  const execute = async (engine: RequestHandler): Promise<FormattedExecutionResult> => {
    supergraph.resetData({ seed: 0, errorRate: 0, nullRate: 0, ...dataSettings });
    return engine(deviation);
  };
  const expected = deviation.expected ?? (await execute((request) => supergraph.executeMonolith(request)));
  return {
    apolloGateway: compareResponses(await execute(await createApolloGatewayEngine(federation)), expected),
    executor: compareResponses(await execute(createExecutorEngine(federation)), expected),
  };
}

describe.each([
  ['in execution', executionDeviations],
  ['in plans', planningDeviations],
  ['behind type conditions', typeConditionDeviations],
])('faults of @apollo/gateway %s that the executor does not have', (_, deviations) => {
  test.each(
    deviations.filter(({ isShared }) => !isShared).map((deviation) => [deviation.name, deviation] as const),
  )('%s', async (__, deviation) => {
    const { apolloGateway, executor } = await findDifferences(deviation);
    expect(executor).toEqual([]);
    expect(apolloGateway).not.toEqual([]);
  });
});

describe('faults of the query planner that the executor shares', () => {
  // If one of these tests fails, the planner has been fixed. Then remove `isShared` from its case.
  test.each(
    planningDeviations
      .filter(({ isShared }) => isShared)
      .map((deviation) => [deviation.name, deviation] as const),
  )('%s', async (_, deviation) => {
    const { apolloGateway, executor } = await findDifferences(deviation);
    expect(apolloGateway).not.toEqual([]);
    expect(executor).not.toEqual([]);
  });
});
