import type { DataSource } from '../data-sources/data-source.js';
import { throwFailures } from '../shared/errors.js';
import { isJsonObject } from '../shared/json.js';
import { toStructuredLogger, type Logger } from '../shared/logger.js';
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
  /**
   * Returns a data source for schema requests; the same one for the same name and URL. The executor closes it when the
   * executor closes.
   * @throws Error if the executor is closed
   */
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

/**
 * Checks the option `supergraphSdl`, for users without TypeScript and for values such as an unset environment variable.
 * @param functionName the function that has the option
 * @throws TypeError if it is neither an SDL, nor a hook, nor a manager
 */
export function checkSupergraphSource(
  source: unknown,
  functionName: string,
): asserts source is string | SupergraphSdlHook | SupergraphManager {
  if (typeof source === 'string' || typeof source === 'function') return;
  if (isJsonObject(source) && typeof source['initialize'] === 'function') return;
  throw new TypeError(
    `${functionName} needs the option supergraphSdl, but it is ${describeValue(source)}. ` +
      'Pass the composed SDL, a function that returns { supergraphSdl }, or a manager such as new IntrospectAndCompose({ subgraphs }).',
  );
}

/** @throws TypeError that names the source of a value that is no SDL */
function checkSdl(sdl: unknown, source: string): asserts sdl is string {
  if (typeof sdl !== 'string') {
    throw new TypeError(`${source} must be the SDL of a supergraph, but it is ${describeValue(sdl)}.`);
  }
}

const describeValue = (value: unknown): string => {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? 'a list' : `of type ${typeof value}`;
};

/** Runs a supergraph manager for an executor. */
export interface SupergraphManagerRunner {
  /**
   * Returns the manager's first supergraph. Rejects with the manager's error, or with the reason of the signal as soon as it
   * aborts. Call `stop` then: if the manager still succeeds, it is cleaned up.
   */
  start(signal: AbortSignal | undefined): Promise<string>;
  /**
   * Ignores further updates, cleans the manager up, and closes its data sources.
   * @throws Error (as a rejection) if a data source cannot be closed; the others are closed
   */
  stop(): Promise<void>;
}

export interface SupergraphManagerRunnerOptions {
  /** Serves an update. Throws and logs the error if it is invalid. */
  readonly serve: (supergraphSdl: string) => void;
  readonly createDataSource: (subgraph: Required<SubgraphEndpoint>) => DataSource;
  readonly logger: Logger;
}

export function createSupergraphManagerRunner(
  source: SupergraphSdlHook | SupergraphManager,
  { serve, createDataSource, logger: ownLogger }: SupergraphManagerRunnerOptions,
): SupergraphManagerRunner {
  const logger = toStructuredLogger(ownLogger);
  const manager = typeof source === 'function' ? { initialize: source } : source;
  /** By name and URL. They stay open until `stop`, because the manager may keep them. */
  const dataSources = new Map<string, ManagerDataSource>();
  let cleanup: ManagedSupergraph['cleanup'];
  let isStopped = false;
  let isClosed = false;

  const getManagerDataSource = ({ name, url }: Required<SubgraphEndpoint>): ApolloDataSource => {
    const key = JSON.stringify([name, url]);
    let known = dataSources.get(key);
    if (!known) {
      if (isClosed) throw new Error('The executor is closed. Create another one.');
      const dataSource = createDataSource({ name, url });
      known = { dataSource, apolloDataSource: toApolloDataSource(dataSource) };
      dataSources.set(key, known);
    }
    return known.apolloDataSource;
  };

  const runCleanup = async (cleanUp: ManagedSupergraph['cleanup']): Promise<void> => {
    try {
      await cleanUp?.();
    } catch (error) {
      logger.error({ err: error }, 'the cleanup of the supergraph manager failed');
    }
  };

  const options: SupergraphSdlHookOptions = {
    update(supergraphSdl) {
      if (isStopped) return;
      checkSdl(supergraphSdl, 'The argument of update');
      serve(supergraphSdl);
    },
    async healthCheck(supergraphSdl) {
      const checks = listSubgraphs(supergraphSdl).map(async (subgraph) =>
        checkSubgraphHealth(subgraph.name, getManagerDataSource(subgraph)),
      );
      await Promise.all(checks);
    },
    getDataSource: ({ name, url = '' }) => getManagerDataSource({ name, url }),
  };

  const initialize = async (): Promise<string> => {
    const managed: unknown = await manager.initialize(options);
    if (!isJsonObject(managed)) {
      throw new TypeError(
        `A supergraph manager must return { supergraphSdl, cleanup }, but its result is ${describeValue(managed)}.`,
      );
    }
    const { supergraphSdl, cleanup: cleanUp } = managed;
    if (isCleanup(cleanUp)) {
      if (isStopped) await runCleanup(cleanUp);
      else cleanup = cleanUp;
    } else if (cleanUp !== undefined && cleanUp !== null) {
      logger.error(
        { type: typeof cleanUp },
        'the cleanup of the supergraph manager is not a function; it is ignored',
      );
    }
    checkSdl(supergraphSdl, 'The supergraphSdl that a supergraph manager returns');
    return supergraphSdl;
  };

  return {
    start: (signal) =>
      new Promise((resolve, reject) => {
        const abort = () => reject(signal?.reason as Error);
        signal?.addEventListener('abort', abort);
        initialize()
          .finally(() => signal?.removeEventListener('abort', abort))
          .then(resolve, reject);
      }),
    async stop() {
      isStopped = true;
      const cleanUp = cleanup;
      cleanup = undefined;
      await runCleanup(cleanUp);
      isClosed = true;
      const closed = [...dataSources.values()].map(async ({ dataSource }) => dataSource.close?.());
      dataSources.clear();
      throwFailures(await Promise.allSettled(closed), 'Data sources could not be closed.');
    },
  };
}

const isCleanup = (value: unknown): value is () => Promise<void> => typeof value === 'function';

/** A data source, and what the manager gets of it. */
interface ManagerDataSource {
  readonly dataSource: DataSource;
  readonly apolloDataSource: ApolloDataSource;
}

const HEALTH_CHECK_QUERY = 'query __ApolloServiceHealthCheck__ { __typename }';

/**
 * Checks that a subgraph answers.
 * @throws Error that names the subgraph and says what is wrong
 */
async function checkSubgraphHealth(name: string, dataSource: ApolloDataSource): Promise<void> {
  let problem: string | undefined;
  try {
    const { data, errors = [] } = await dataSource.process({
      kind: 'health check',
      request: { query: HEALTH_CHECK_QUERY },
      context: {},
    });
    if (!data) problem = errors.map(({ message }) => message).join(' ') || 'It returned no data.';
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error);
  }
  if (problem !== undefined) throw new Error(`The health check of the subgraph "${name}" failed: ${problem}`);
}
