import {
  GraphQLError,
  parse,
  print,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLFormattedError,
  type GraphQLSchema,
} from 'graphql';
import {
  adaptApolloDataSource,
  type AdaptApolloDataSourceOptions,
  type ApolloDataSource,
  type ApolloIncomingRequest,
  type ApolloOperationContext,
} from './apollo/apollo-data-source.js';
import {
  listIgnoredOptions,
  rejectReplacedOptions,
  type ApolloQueryPlannerConfig,
  type IgnoredApolloGatewayOptions,
} from './apollo/apollo-gateway-options.js';
import {
  checkSupergraphSource,
  type SubgraphEndpoint,
  type SupergraphManager,
  type SupergraphSdlHook,
} from './apollo/supergraph-manager.js';
import { createDataSource } from './data-sources/http-data-source.js';
import type { ClientAccess } from './shared/client-access.js';
import { isJsonObject } from './shared/json.js';
import {
  createExecutor,
  type Executor,
  type ExecutorContext,
  type ExecutorOptions,
  type ServedSupergraph,
} from './executor.js';
import { toStructuredLogger, type Logger } from './shared/logger.js';

/** Options of {@link createApolloGateway}. */
export interface ApolloGatewayOptions
  extends
    Omit<
      ExecutorOptions<ApolloGatewayContext>,
      | 'supergraphSdl'
      | 'createDataSource'
      | 'formatError'
      | 'logger'
      | 'onSupergraphChange'
      | 'subscriptionSources'
      | 'subscriptionLimits'
    >,
    IgnoredApolloGatewayOptions {
  /** The supergraph, or its provider. */
  readonly supergraphSdl: string | SupergraphSdlHook | SupergraphManager;
  /**
   * Creates the data source of a subgraph; called once per name and URL.
   * @default HTTP requests with retries and a circuit breaker, without headers of the client
   */
  readonly buildService?: (subgraph: SubgraphEndpoint) => ApolloDataSource;
  /**
   * Time limit of a subgraph request in milliseconds, with and without `buildService`. Then its error has the code
   * SUBGRAPH_TIMEOUT.
   * @default 10_000
   */
  readonly subgraphTimeoutMs?: number;
  /** @default console, without debug messages unless `debug` is true */
  readonly logger?: Logger;
  /** Whether the default logger prints debug messages. @default false */
  readonly debug?: boolean;
  readonly queryPlannerConfig?: ApolloQueryPlannerConfig;
  /**
   * What the client of a request may access, for the authorization directives of the supergraph.
   * @default nothing that has such a directive
   */
  readonly getAccess?: (request: ApolloServerRequestContext) => ClientAccess | undefined;
}

/** The context of the executor for a request of Apollo Server. */
type ApolloGatewayContext = ExecutorContext & ApolloOperationContext;

/** The part of Apollo Server's request context that the gateway uses. */
export interface ApolloServerRequestContext extends ApolloIncomingRequest {
  readonly document: DocumentNode;
  /** The document as the client sent it. A plugin may have changed `document` since. */
  readonly source?: string;
}

/** Called with the supergraph that the gateway serves. */
export type ApolloSchemaListener = (schemaContext: {
  readonly apiSchema: GraphQLSchema;
  readonly coreSupergraphSdl: string;
}) => void;

/** The gateway of an `ApolloServer`: a `GatewayInterface` of @apollo/server-gateway-interface. */
export interface ApolloGateway {
  /**
   * Loads the supergraph. Call it once; Apollo Server does.
   * @throws Error (as a rejection) if the supergraph is invalid, its provider fails, or the gateway is stopped meanwhile
   */
  load(options?: object): Promise<{ schema: GraphQLSchema; executor: ApolloGatewayExecutor }>;
  /** Adds a listener. It is called by `load` and after each change of the supergraph. Returns a function that removes it. */
  onSchemaLoadOrUpdate(listener: ApolloSchemaListener): () => void;
  /**
   * Stops the supergraph manager and closes the connections to the subgraphs. A running `load` is rejected. May be called
   * several times.
   */
  stop(): Promise<void>;
}

export const createDefaultLogger = (debug: boolean): Logger =>
  debug ? console : { ...console, debug: () => undefined };

/** Executes a query or mutation that Apollo Server has parsed and validated. */
export type ApolloGatewayExecutor = (
  requestContext: ApolloServerRequestContext,
) => Promise<ExecutionResult<Record<string, unknown>, Record<string, unknown>>>;

/**
 * Creates a gateway for `new ApolloServer({ gateway })`, in place of `new ApolloGateway()`. Subscriptions are rejected: use
 * `createExecutor` and `createClientTransports` for them.
 * @throws TypeError if `supergraphSdl` is missing; Error for an option of `ApolloGateway` that needs another one
 */
export function createApolloGateway(options: ApolloGatewayOptions): ApolloGateway {
  // Callers without types can leave the options out.
  const givenOptions = (options as Partial<ApolloGatewayOptions> | undefined) ?? {};
  rejectReplacedOptions(givenOptions);
  checkSupergraphSource(givenOptions.supergraphSdl, 'createApolloGateway');
  const {
    supergraphSdl,
    buildService,
    debug = false,
    queryPlannerConfig,
    getAccess,
    ...otherOptions
  } = options;
  const {
    logger = createDefaultLogger(debug),
    subgraphTimeoutMs: timeoutMs = 10_000,
    ...rest
  } = otherOptions;
  const { debug: plannerDebug } = queryPlannerConfig ?? {};
  const maxEvaluatedPlans = options.maxEvaluatedPlans ?? plannerDebug?.maxEvaluatedPlans;
  const maxPlanPaths = options.maxPlanPaths ?? plannerDebug?.pathsLimit ?? undefined;
  const executorOptions = {
    ...rest,
    ...(maxEvaluatedPlans !== undefined && { maxEvaluatedPlans }),
    ...(maxPlanPaths !== undefined && { maxPlanPaths }),
  };
  const structuredLogger = toStructuredLogger(logger);
  const ignored = listIgnoredOptions(options);
  if (ignored.length > 0) {
    structuredLogger.warn({ options: ignored }, 'options of ApolloGateway have no effect; remove them');
  }
  const listeners = new Set<ApolloSchemaListener>();
  const getQuery = createQueryReader();
  let loading: Promise<Executor<ApolloGatewayContext>> | undefined;
  let stopping: Promise<void> | undefined;
  const loadController = new AbortController();

  const notifyListeners = ({ schema, supergraphSdl: coreSupergraphSdl }: ServedSupergraph) => {
    for (const listener of listeners) {
      try {
        listener({ apiSchema: schema, coreSupergraphSdl });
      } catch (error) {
        structuredLogger.error(
          { err: error },
          'a listener of onSchemaLoadOrUpdate failed; the new schema is served',
        );
      }
    }
  };

  const createLoadedExecutor = async () =>
    createExecutor<ApolloGatewayContext>({
      ...executorOptions,
      supergraphSdl,
      createDataSource: buildService
        ? createServiceAdapter(buildService, { timeoutMs, logger })
        : ({ name, url }) => createDataSource({ name, url, timeoutMs, logger }),
      // Apollo Server formats the errors, and expects instances of GraphQLError.
      formatError: (error) => addHttpExtension(error) as GraphQLFormattedError,
      onSupergraphChange: notifyListeners,
      signal: loadController.signal,
      logger,
    });

  return {
    async load() {
      if (stopping) throw new Error('The gateway was stopped. Create another one.');
      if (loading) throw new Error('The gateway is already loaded. Create another one.');
      loading = createLoadedExecutor();
      const executor = await loading;
      await executor.ready;
      notifyListeners(executor);
      return {
        schema: executor.schema,
        async executor(apolloRequest) {
          const { request } = apolloRequest;
          const prepared = await executor.prepare(
            {
              query: getQuery(apolloRequest),
              operationName: request.operationName,
              variables: request.variables,
            },
            getAccess && { access: getAccess(apolloRequest) },
          );
          if ('errors' in prepared) return { errors: prepared.errors };
          const result = await executor.execute(prepared, { apolloRequest });
          return result as ExecutionResult<Record<string, unknown>, Record<string, unknown>>;
        },
      };
    },
    onSchemaLoadOrUpdate(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stop() {
      stopping ??= closeWhenLoaded();
      return stopping;
    },
  };

  async function closeWhenLoaded(): Promise<void> {
    loadController.abort(new Error('The gateway was stopped before it was loaded. Create another one.'));
    // `load` reports its error to its own caller.
    const executor = await loading?.catch(() => undefined);
    await executor?.close();
  }
}

/** A gateway of @apollo/gateway keeps one data source for each name and URL, which may have state. So do we. */
function createServiceAdapter(
  buildService: NonNullable<ApolloGatewayOptions['buildService']>,
  options: AdaptApolloDataSourceOptions,
): ExecutorOptions<ApolloGatewayContext>['createDataSource'] {
  const services = new Map<string, { readonly url: string; readonly service: ApolloDataSource }>();
  return ({ name, url }) => {
    const known = services.get(name);
    const service = known?.url === url ? known.service : buildService({ name, url });
    services.set(name, { url, service });
    return adaptApolloDataSource(service, { ...options, name });
  };
}

/**
 * Creates a function that returns the text of the document to execute. It is the client's text, so that errors have its
 * locations. If a plugin has changed the document, it is the printed document. Each document is examined once, because Apollo
 * Server keeps parsed documents.
 */
function createQueryReader(): (request: ApolloServerRequestContext) => string {
  const queries = new WeakMap<DocumentNode, string>();
  return ({ document, source }) => {
    let query = queries.get(document);
    if (query === undefined) {
      const printed = print(document);
      query =
        source !== undefined && print(parse(source, { noLocation: true })) === printed ? source : printed;
      queries.set(document, query);
    }
    return query;
  };
}

/**
 * Data sources are code of the gateway. So an error that they throw may set the HTTP status and headers of the response, as
 * Apollo Server defines it. An error that a subgraph sends may not.
 */
function addHttpExtension(error: GraphQLError): GraphQLError {
  const { message, path, extensions, originalError } = error;
  const thrown: unknown =
    originalError instanceof Error && 'extensions' in originalError && originalError.extensions;
  if (!isJsonObject(thrown) || thrown['http'] === undefined) return error;
  return new GraphQLError(message, {
    ...(path && { path }),
    extensions: { ...extensions, http: thrown['http'] },
    originalError,
  });
}
