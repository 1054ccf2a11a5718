import { ApolloGateway, type GraphQLDataSource } from '@apollo/gateway';
import { parse, type FormattedExecutionResult } from 'graphql';
import type { RequestHandler, TestRequest } from '../test-supergraph/test-subgraph.js';
import type { TestSupergraph } from '../test-supergraph/test-supergraph.js';

/** Executes requests with an unmodified @apollo/gateway, over subgraphs in this process. */
export async function createApolloGatewayEngine({
  supergraphSdl,
  subgraphs,
}: Pick<TestSupergraph, 'supergraphSdl' | 'subgraphs'>): Promise<RequestHandler> {
  const ignore = () => undefined;
  const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
  const gateway = new ApolloGateway({
    supergraphSdl,
    logger,
    buildService: ({ name }) => createDataSource(subgraphs[name]),
  });
  const { schema, executor } = await gateway.load();
  const cache = {
    get: () => Promise.resolve(undefined),
    set: () => Promise.resolve(),
    delete: () => Promise.resolve(),
  };
  return async ({ query, variables = {} }: TestRequest) => {
    const response: unknown = await executor({
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
    return JSON.parse(JSON.stringify(response)) as FormattedExecutionResult;
  };
}

function createDataSource(subgraph: RequestHandler | undefined): GraphQLDataSource {
  if (!subgraph) throw new Error('The supergraph has no such subgraph.');
  return {
    async process({ request: { query = '', variables } }) {
      return await subgraph({ query, variables });
    },
  };
}
