import { ApolloGateway, type GraphQLDataSource } from '@apollo/gateway';
import { parse, type FormattedExecutionResult } from 'graphql';
import type { Ask, Request } from '../world/subgraph.js';
import type { World } from '../world/world.js';

/** @apollo/gateway as it comes, over subgraphs in this process. */
export async function createStock({
  supergraphSdl,
  ask,
}: Pick<World, 'supergraphSdl' | 'ask'>): Promise<Ask> {
  const quiet = () => undefined;
  const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  const gateway = new ApolloGateway({
    supergraphSdl,
    logger,
    buildService: ({ name }) => sourceOf(ask[name]),
  });
  const { schema, executor } = await gateway.load();
  const cache = {
    get: () => Promise.resolve(undefined),
    set: () => Promise.resolve(),
    delete: () => Promise.resolve(),
  };
  return async ({ query, variables = {} }: Request) => {
    const answer: unknown = await executor({
      request: { query, variables },
      document: parse(query),
      queryHash: query,
      source: query,
      operationName: undefined,
      operation: undefined,
      context: {},
      cache,
      logger,
      metrics: {},
      schema,
      overallCachePolicy: undefined,
    } as never).catch((error: unknown) => ({ errors: [{ message: String(error) }] }));
    return JSON.parse(JSON.stringify(answer)) as FormattedExecutionResult;
  };
}

function sourceOf(ask: Ask | undefined): GraphQLDataSource {
  if (!ask) throw new Error('There is no such subgraph.');
  return {
    async process({ request: { query = '', variables } }) {
      return await ask({ query, variables });
    },
  };
}
