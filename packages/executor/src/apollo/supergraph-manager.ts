import type { DataSource } from '../data-sources/data-source.js';
import {
  toApolloDataSource,
  type ApolloDataSource,
  type ApolloGraphQLResponse,
} from './apollo-data-source.js';

/** Name and URL of a subgraph, as a supergraph manager passes them. */
export interface SubgraphEndpoint {
  readonly name: string;
  readonly url?: string;
}

/** What a supergraph manager can do with the executor. */
export interface SupergraphSdlHookOptions {
  /**
   * Serves another supergraph. Updates are served in the order of the calls. Ignored while the executor closes.
   * @throws Error if the supergraph is invalid; the present one stays
   */
  update(updatedSupergraphSdl: string): void;
  /** Sends a small query to each subgraph. Rejects if one of them returns no data. */
  healthCheck(supergraphSdl: string): Promise<void>;
  /** Returns a data source for schema requests. The executor closes it when the executor closes. */
  getDataSource(subgraph: SubgraphEndpoint): ApolloDataSource;
}

/** The first supergraph of a manager. */
export interface ManagedSupergraph {
  readonly supergraphSdl: string;
  /** Called once, when the executor closes. */
  readonly cleanup?: (() => Promise<void>) | undefined;
}

/** A function that provides a supergraph and its updates, as @apollo/gateway defines it. */
export type SupergraphSdlHook = (options: SupergraphSdlHookOptions) => Promise<ManagedSupergraph>;

/**
 * Provides a supergraph and its updates. `IntrospectAndCompose`, `LocalCompose` and other managers for @apollo/gateway are
 * supergraph managers.
 */
export interface SupergraphManager {
  initialize(options: SupergraphSdlHookOptions): Promise<ManagedSupergraph>;
}

const HEALTH_CHECK_QUERY = 'query __ApolloServiceHealthCheck__ { __typename }';

/**
 * Checks that each subgraph answers.
 * @throws Error that names a subgraph that does not
 */
export async function checkSubgraphHealth(dataSources: Readonly<Record<string, DataSource>>): Promise<void> {
  await Promise.all(
    Object.entries(dataSources).map(async ([name, dataSource]) => {
      const problem = await findHealthProblem(toApolloDataSource(dataSource));
      if (problem === undefined) return;
      throw new Error(`The health check of the subgraph "${name}" failed: ${problem}`);
    }),
  );
}

async function findHealthProblem(dataSource: ApolloDataSource): Promise<string | undefined> {
  let response: ApolloGraphQLResponse;
  try {
    response = await dataSource.process({
      kind: 'health check',
      request: { query: HEALTH_CHECK_QUERY },
      context: {},
    });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  if (response.data) return undefined;
  return response.errors?.map(({ message }) => message).join(' ') ?? 'It returned no data.';
}
