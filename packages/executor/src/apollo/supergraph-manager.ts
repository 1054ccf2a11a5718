import type { DataSource } from '../data-sources/data-source.js';
import type { Logger } from '../shared/logger.js';
import { listSubgraphs } from '../supergraph/supergraph-document.js';
import { toApolloDataSource, type ApolloDataSource } from './apollo-data-source.js';

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
  readonly update: (updatedSupergraphSdl: string) => void;
  /** Sends a small query to each subgraph. Rejects if one of them returns no data. */
  readonly healthCheck: (supergraphSdl: string) => Promise<void>;
  /** Returns a data source for schema requests. The executor closes it when the executor closes. */
  readonly getDataSource: (subgraph: SubgraphEndpoint) => ApolloDataSource;
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

/** Runs a supergraph manager for an executor. */
export interface SupergraphManagerRunner {
  /** Returns the manager's first supergraph. Rejects with the manager's error. */
  start(): Promise<string>;
  /** Ignores further updates, cleans the manager up, and closes its data sources. */
  stop(): Promise<void>;
}

export interface SupergraphManagerRunnerOptions {
  /** Serves an update. Throws if it is invalid. */
  readonly serve: (supergraphSdl: string) => void;
  readonly createDataSource: (subgraph: Required<SubgraphEndpoint>) => DataSource;
  readonly logger: Logger;
}

export function createSupergraphManagerRunner(
  source: SupergraphSdlHook | SupergraphManager,
  { serve, createDataSource, logger }: SupergraphManagerRunnerOptions,
): SupergraphManagerRunner {
  const manager = typeof source === 'function' ? { initialize: source } : source;
  const dataSources: DataSource[] = [];
  let cleanup: ManagedSupergraph['cleanup'];
  let isStopped = false;

  const options: SupergraphSdlHookOptions = {
    update(supergraphSdl) {
      if (isStopped) return;
      try {
        serve(supergraphSdl);
      } catch (error) {
        logger.error({ err: error }, 'the updated supergraph is invalid; the previous one is still served');
        throw error;
      }
    },
    async healthCheck(supergraphSdl) {
      const checks = listSubgraphs(supergraphSdl).map((subgraph) =>
        checkSubgraphHealth(subgraph.name, createDataSource(subgraph), logger),
      );
      await Promise.all(checks);
    },
    getDataSource({ name, url = '' }) {
      const dataSource = createDataSource({ name, url });
      dataSources.push(dataSource);
      return toApolloDataSource(dataSource, logger);
    },
  };
  return {
    async start() {
      const managed = await manager.initialize(options);
      cleanup = managed.cleanup;
      return managed.supergraphSdl;
    },
    async stop() {
      isStopped = true;
      const cleanUp = cleanup;
      cleanup = undefined;
      try {
        await cleanUp?.();
      } catch (error) {
        logger.error({ err: error }, 'the cleanup of the supergraph manager failed');
      }
      await Promise.all(dataSources.splice(0).map(async (dataSource) => dataSource.close?.()));
    },
  };
}

const HEALTH_CHECK_QUERY = 'query __ApolloServiceHealthCheck__ { __typename }';

/**
 * Checks that a subgraph answers, and closes the data source.
 * @throws Error that names the subgraph and says what is wrong
 */
async function checkSubgraphHealth(name: string, dataSource: DataSource, logger: Logger): Promise<void> {
  let problem: string | undefined;
  try {
    const { data, errors = [] } = await toApolloDataSource(dataSource, logger).process({
      kind: 'health check',
      request: { query: HEALTH_CHECK_QUERY },
      context: {},
    });
    if (!data) problem = errors.map(({ message }) => message).join(' ') || 'It returned no data.';
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error);
  } finally {
    await dataSource.close?.();
  }
  if (problem !== undefined) throw new Error(`The health check of the subgraph "${name}" failed: ${problem}`);
}
