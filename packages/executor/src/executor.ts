import type { FormattedExecutionResult, GraphQLError, GraphQLFormattedError, GraphQLSchema } from 'graphql';
import { createManagedExecutor, type UpdatableExecutor } from './apollo/managed-executor.js';
import {
  checkSupergraphSource,
  type SupergraphManager,
  type SupergraphSdlHook,
} from './apollo/supergraph-manager.js';
import type { CircuitBreakerState } from './data-sources/circuit-breaker.js';
import { createDataSourceLeases, type DataSourceLease } from './data-sources/data-source-leases.js';
import type { DataSource, DataSources } from './data-sources/data-source.js';
import type { AuthorizationOptions } from './shared/client-access.js';
import type { OperationContext } from './shared/operation-context.js';
import { executeEvent } from './execution/execute-event.js';
import { executeInParts, type ResponsePart } from './execution/execute-in-parts.js';
import { executeOperation } from './execution/execute-operation.js';
import type { ExecutionEnvironment, ExecutionRequest } from './execution/execution-state.js';
import { createInFlightRequests } from './execution/in-flight-requests.js';
import {
  createRequestPreparer,
  type GraphQLRequest,
  type OverrideOptions,
  type PreparedRequest,
  type RejectedRequest,
  type RequestingClient,
  type RequestPreparer,
} from './operations/request-preparer.js';
import { resolveOperationLimits, type OperationLimits } from './operations/operation-limits.js';
import type { ParseOperationOptions } from './operations/parse-operation.js';
import { createApolloQueryPlanner } from './planning/apollo-query-planner.js';
import { resolvePlanningOptions } from './planning/planning-options.js';
import type { PlanningPoolOptions } from './planning/planning-pool.js';
import type { PlanningLimits, QueryPlanner } from './planning/query-planner.js';
import { toStructuredLogger, type Logger } from './shared/logger.js';
import type { RunningSubscription, Subscriber } from './subscriptions/subscriber.js';
import {
  createSubscriptionManager,
  type SubscriptionContext,
  type SubscriptionLimits,
} from './subscriptions/subscription-manager.js';
import { canSubscribe } from './subscriptions/subgraph-event-source.js';
import type { SubscriptionSources } from './subscriptions/subscription-source.js';
import { loadSupergraph, type LoadedSupergraph } from './supergraph/load-supergraph.js';
import { parseSupergraph, type Subgraph } from './supergraph/supergraph-document.js';
import { throwFailures } from './shared/errors.js';

/** The context of a client's request, which a transport creates. */
export interface ExecutorContext extends OperationContext, SubscriptionContext {}

/** Options of {@link createExecutor}. */
export interface ExecutorOptions<Context extends ExecutorContext>
  extends
    Partial<ParseOperationOptions>,
    Partial<PlanningLimits>,
    Partial<PlanningPoolOptions>,
    OverrideOptions {
  /** The composed supergraph, in SDL with the join directives of Federation 2. */
  readonly supergraphSdl: string;
  /**
   * The sources of events, by subscription field. A field without a source gets its events from its subgraph, if the data source
   * of the subgraph can subscribe. Sources for fields that the supergraph does not have are ignored.
   */
  readonly subscriptionSources?: SubscriptionSources<Context>;
  /**
   * Creates the data source of a subgraph. Called for each subgraph of the first supergraph, and at a reload for new subgraphs
   * and changed URLs. For a supergraph manager it is also called once per name and URL that the manager requests or checks;
   * the executor closes these data sources when it closes. Return a new data source for each call, because the executor closes
   * each one: if a reload has replaced it, after the last operation that can use it.
   */
  readonly createDataSource: (subgraph: Omit<Subgraph, 'graph'>) => DataSource;
  /**
   * Formats each error before it is sent to clients.
   * @param context the caller's; `undefined` if the error concerns several callers
   * @default error.toJSON()
   */
  readonly formatError?: (error: GraphQLError, context?: Context) => GraphQLFormattedError;
  /** Receives what clients must not see. An operation context may have its own logger. */
  readonly logger: Logger;
  /** Called after each change of the supergraph, before requests that arrive later are prepared. */
  readonly onSupergraphChange?: (supergraph: ServedSupergraph) => void;
  /** Maximum number of operations that stay parsed, validated and planned; at least 1. @default 1_000 */
  readonly maxCachedOperations?: number;
  /** Number of most recently used operations that a reload plans before it serves the new supergraph. @default 100 */
  readonly maxWarmedOperations?: number;
  /**
   * How long a reload plans these operations, in milliseconds, before it serves the new supergraph. The others are planned on
   * request.
   * @default 1_000
   */
  readonly maxWarmupMs?: number;
  /** Limits of subscriptions. @default at most 1_000 unread payloads per subscriber, no other limit */
  readonly subscriptionLimits?: SubscriptionLimits;
  /** Maximum number of entities per subgraph request. More are fetched by several requests. @default 1_000 */
  readonly maxEntitiesPerFetch?: number;
  /**
   * Whether one request, with aliases, fetches the entities of several fetches that a subgraph can serve at the same time. Switch it
   * off if subgraphs limit aliases, or if each fetch is to begin as early as possible.
   * @default true
   */
  readonly joinEntityFetches?: boolean;
  /** How the authorization directives of the supergraph are enforced: `@authenticated`, `@requiresScopes` and `@policy`. */
  readonly authorization?: AuthorizationOptions | undefined;
}

/** Options of {@link createExecutor} with a supergraph that a manager provides. */
export interface ManagedExecutorOptions<Context extends ExecutorContext> extends Omit<
  ExecutorOptions<Context>,
  'supergraphSdl'
> {
  /** Provides the supergraph and its updates, for example an `IntrospectAndCompose` of @apollo/gateway. */
  readonly supergraphSdl: SupergraphSdlHook | SupergraphManager;
  /**
   * Stops the creation of the executor, for example if the manager retries without end. The promise is then rejected with the
   * reason of the signal. The signal has no effect on a created executor.
   */
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@link createExecutor} with a supergraph or its manager. */
type AnyExecutorOptions<Context extends ExecutorContext> = Omit<
  ManagedExecutorOptions<Context>,
  'supergraphSdl'
> & {
  readonly supergraphSdl: string | SupergraphSdlHook | SupergraphManager;
};

/** The supergraph that an executor serves. */
export interface ServedSupergraph {
  /** The API schema, which clients see. */
  readonly schema: GraphQLSchema;
  readonly supergraphSdl: string;
}

/** Executes GraphQL operations on a supergraph. */
export interface Executor<Context extends ExecutorContext> extends ServedSupergraph {
  /** The subgraphs of the present supergraph. */
  readonly subgraphs: readonly Subgraph[];
  /** The limits of an operation, with their defaults. */
  readonly operationLimits: OperationLimits;
  /** The subscription fields that have a source of events, or a subgraph that provides them. */
  readonly subscriptionFields: readonly string[];
  /** The present data sources, by subgraph name. */
  readonly dataSources: DataSources;
  /** The states of the circuit breakers, by subgraph name. Data sources without a circuit breaker are left out. */
  readonly circuitBreakers: Readonly<Record<string, CircuitBreakerState>>;
  /**
   * Resolves when operations can be planned. Operations that are requested earlier wait.
   * @throws Error (as a rejection) if the planning workers cannot be started: then no operation can be planned
   */
  readonly ready: Promise<void>;
  /** Whether the operation of a request is in the cache. One that is not is parsed and validated by `prepare`, which takes a millisecond or more. */
  isKnown(request: GraphQLRequest): boolean;
  /**
   * Parses, validates, plans and compiles a request.
   * @param client decides whether it may run the operation, before the operation is planned
   * @returns a promise if the operation must be planned first, or its policies are evaluated asynchronously
   * @throws what the methods of `client` throw, and nothing else; as a rejection if policies are evaluated asynchronously
   */
  prepare(
    request: GraphQLRequest,
    client?: RequestingClient,
  ): PreparedRequest | RejectedRequest | Promise<PreparedRequest | RejectedRequest>;
  /**
   * Executes a prepared query or mutation. Failures are in the errors of the result.
   * @throws Error (as a rejection) if the request is a subscription, or was prepared for a response in parts
   */
  execute(request: PreparedRequest, context: Context): Promise<FormattedExecutionResult>;
  /**
   * Executes a prepared query or mutation whose deferred fragments are sent in later parts; see `acceptsParts` of the client of
   * `prepare`. Subgraph requests go on while no part is requested, and end if the iteration is ended. Failures are in the errors of
   * the parts.
   * @throws Error if the request is a subscription
   */
  executeInParts(request: PreparedRequest, context: Context): AsyncGenerator<ResponsePart, void>;
  /**
   * Starts a prepared subscription; each event becomes one payload, until either side ends it. Never throws: a rejected
   * subscription ends at once. Subscribers with equal operations, variables and authorization share the execution of each
   * event and its payload.
   * @param after the cursor after which the subscription resumes; it replaces that of the operation. Without effect if the source
   *   cannot resume
   */
  subscribe(
    request: PreparedRequest,
    context: Context,
    subscriber: Subscriber,
    after?: string,
  ): RunningSubscription;
  /** Number of running subscriptions. */
  readonly runningSubscriptionCount: number;
  /**
   * Replaces the supergraph. Running queries and mutations end on the old one. Subscriptions that fit the new one continue;
   * the others end with SUBSCRIPTION_SCHEMA_RELOAD.
   * @throws Error (as a rejection) if the supergraph is invalid, or its planning workers cannot be started; the present one
   *   stays. Also after `close`
   */
  reload(supergraphSdl: string): Promise<void>;
  /**
   * Ends all subscriptions with SERVER_SHUTTING_DOWN, rejects new ones, stops the supergraph manager and the planning workers,
   * and closes the data sources.
   * @throws Error (as a rejection) if a data source cannot be closed; all others are closed. AggregateError for several errors
   */
  close(): Promise<void>;
}

/** Everything that belongs to one supergraph. A reload replaces it as a whole. */
interface SupergraphState {
  readonly supergraphSdl: string;
  readonly supergraph: LoadedSupergraph;
  readonly queryPlanner: QueryPlanner;
  readonly dataSources: DataSources;
  readonly requestPreparer: RequestPreparer;
}

/** The environment of all requests that were prepared for one supergraph. */
interface LeasedEnvironment extends ExecutionEnvironment {
  readonly dataSourceLease: DataSourceLease;
}

type ExecuteRequest = (
  request: PreparedRequest,
  executionRequest: ExecutionRequest,
  environment: ExecutionEnvironment,
) => Promise<FormattedExecutionResult>;

const executePrepared: ExecuteRequest = ({ compiledOperation }, executionRequest, environment) =>
  executeOperation(compiledOperation, executionRequest, environment);

/**
 * Creates an executor for a supergraph.
 * @throws Error if the supergraph is missing or invalid, or the snapshot of a subscription source does not fit it. With a supergraph
 *   manager, as a rejection; also the manager's error if it cannot provide a supergraph, and an error if the planning workers
 *   cannot be started
 */
export function createExecutor<Context extends ExecutorContext>(
  options: ExecutorOptions<Context>,
): Executor<Context>;
export function createExecutor<Context extends ExecutorContext>(
  options: ManagedExecutorOptions<Context>,
): Promise<Executor<Context>>;
export function createExecutor<Context extends ExecutorContext>(
  options: AnyExecutorOptions<Context>,
): Executor<Context> | Promise<Executor<Context>>;
export function createExecutor<Context extends ExecutorContext>(
  options: AnyExecutorOptions<Context>,
): Executor<Context> | Promise<Executor<Context>> {
  // Callers without types can leave the options out.
  const { supergraphSdl } = (options as AnyExecutorOptions<Context> | undefined) ?? {};
  checkSupergraphSource(supergraphSdl, 'createExecutor');
  return typeof supergraphSdl === 'string'
    ? createUpdatableExecutor({ ...options, supergraphSdl }).executor
    : createManagedExecutor({
        ...options,
        supergraphSdl,
        createExecutor: (sdl, stopManager) =>
          createUpdatableExecutor({ ...options, supergraphSdl: sdl }, stopManager),
      });
}

/** @param stopManager called when the executor closes */
function createUpdatableExecutor<Context extends ExecutorContext>(
  options: ExecutorOptions<Context>,
  stopManager = () => Promise.resolve(),
): UpdatableExecutor<Executor<Context>> {
  const { subscriptionSources = {}, subscriptionLimits = {} } = options;
  const { maxWarmedOperations = 100, maxWarmupMs = 1_000 } = options;
  const { formatError = (error: GraphQLError) => error.toJSON() } = options;
  const { maxEntitiesPerFetch, joinEntityFetches } = options;
  const { onSupergraphChange } = options;
  const logger = toStructuredLogger(options.logger);
  const startedAt = performance.now();
  let state = createSupergraphState(options, options.supergraphSdl, undefined);
  const logServed = (since: number, message: string) => {
    const subgraphs = state.supergraph.subgraphs.map(({ name }) => name);
    logger.info({ subgraphs, durationMs: Math.round(performance.now() - since) }, message);
  };
  const dataSourceLeases = createDataSourceLeases(logger);
  const environments = new WeakMap<LoadedSupergraph, LeasedEnvironment>();
  /** Leases the data sources at once, because a later reload may reuse them before the supergraph is served. */
  const createEnvironment = (next: SupergraphState) => {
    environments.set(next.supergraph, {
      dataSources: next.dataSources,
      dataSourceLease: dataSourceLeases.create(next.dataSources),
      inFlightRequests: createInFlightRequests(),
      maxEntitiesPerFetch,
      joinEntityFetches,
      logger,
      loggedMistypedFields: new Set(),
      unauthorizedErrorLocation: options.authorization?.errorLocation,
    });
  };
  createEnvironment(state);
  const getEnvironment = (supergraph: LoadedSupergraph): LeasedEnvironment => {
    const environment = environments.get(supergraph);
    if (!environment) throw new Error('The request was prepared by another executor.');
    return environment;
  };

  /**
   * Executes a request with the data sources of the supergraph for which it was prepared. If a reload has closed them, the
   * request is prepared again for the present supergraph.
   */
  const executeWithDataSources = (
    request: PreparedRequest,
    context: Context,
    execute: ExecuteRequest,
  ): Promise<FormattedExecutionResult> => {
    const environment = getEnvironment(request.supergraph);
    if (environment.dataSourceLease.hasEnded) return prepareAgainAndExecute(request, context, execute);
    const executionRequest: ExecutionRequest = {
      variables: request.variables,
      context,
      formatError: (error) => formatError(error, context),
    };
    const result = execute(request, executionRequest, environment);
    environment.dataSourceLease.holdUntilSettled(result);
    return result;
  };
  const prepareAgainAndExecute = async (
    { originalRequest, access }: PreparedRequest,
    context: Context,
    execute: ExecuteRequest,
  ): Promise<FormattedExecutionResult> => {
    const request = await state.requestPreparer.prepare(originalRequest, { access });
    if ('errors' in request) return { errors: request.errors.map((error) => formatError(error, context)) };
    return executeWithDataSources(request, context, execute);
  };

  const startInParts = (request: PreparedRequest, context: Context): AsyncGenerator<ResponsePart, void> => {
    const environment = getEnvironment(request.supergraph);
    if (environment.dataSourceLease.hasEnded) return prepareAgainAndStart(request, context);
    if (!request.compiledOperation.deferral) return sendAsOnePart(executor.execute(request, context));
    const executionRequest: ExecutionRequest = {
      variables: request.variables,
      context,
      formatError: (error) => formatError(error, context),
    };
    const { parts, ended } = executeInParts(request.compiledOperation, executionRequest, environment);
    environment.dataSourceLease.holdUntilSettled(ended);
    return parts;
  };
  async function* prepareAgainAndStart(
    { originalRequest, access }: PreparedRequest,
    context: Context,
  ): AsyncGenerator<ResponsePart, void> {
    const client = { access, acceptsParts: true };
    const request = await state.requestPreparer.prepare(originalRequest, client);
    if ('errors' in request) {
      yield* sendAsOnePart({ errors: request.errors.map((error) => formatError(error, context)) });
      return;
    }
    yield* startInParts(request, context);
  }

  const subscriptionManager = createSubscriptionManager<Context>({
    sources: subscriptionSources,
    getDataSources: (supergraph) => getEnvironment(supergraph).dataSources,
    prepareAgain: ({ originalRequest, access }) => state.requestPreparer.prepare(originalRequest, { access }),
    isCurrent: (request) => request.supergraph === state.supergraph,
    executeEvent: (subscription, event, context) =>
      executeWithDataSources(subscription, context, (request, executionRequest, environment) =>
        executeEvent(request, event, executionRequest, environment),
      ),
    formatError,
    limits: subscriptionLimits,
    logger,
  });

  /** The state of the last reload, which may still be waiting. */
  let newest = state;
  let lastReload: Promise<void> = Promise.resolve();
  let isClosing = false;

  /** @throws Error (as a rejection) if the supergraph is not served, or subscriptions could not be moved to it; logged */
  const serve = async (next: SupergraphState, since: number) => {
    const previous = state;
    try {
      await next.queryPlanner.ready;
      const recentOperations = previous.requestPreparer.listRecentOperations(maxWarmedOperations);
      await next.requestPreparer.warm(recentOperations, maxWarmupMs);
    } catch (error) {
      logger.error({ err: error }, 'the reload failed; the previous supergraph is still served');
      if (newest === next) newest = previous;
      await next.queryPlanner.close();
      getEnvironment(next.supergraph).dataSourceLease.release();
      throw error;
    }
    state = next;
    previous.queryPlanner.retire();
    logServed(since, 'a new supergraph is served');
    try {
      onSupergraphChange?.({ schema: next.supergraph.apiSchema, supergraphSdl: next.supergraphSdl });
    } catch (error) {
      logger.error({ err: error }, 'onSupergraphChange failed; the new supergraph is served');
    }
    try {
      await subscriptionManager.replan();
    } catch (error) {
      logger.error({ err: error }, 'subscriptions could not be moved to the new supergraph');
      throw error;
    } finally {
      getEnvironment(previous.supergraph).dataSourceLease.release();
    }
  };
  /** Reloads run in the order of the calls, so that the supergraph of the last call is served. */
  const startReload = (supergraphSdl: string): Promise<void> => {
    const since = performance.now();
    const next = createSupergraphState(options, supergraphSdl, newest);
    createEnvironment(next);
    newest = next;
    const reload = lastReload.then(() => serve(next, since));
    lastReload = reload.catch(() => undefined);
    return reload;
  };

  const executor: Executor<Context> = {
    operationLimits: resolveOperationLimits(options),
    get supergraphSdl() {
      return state.supergraphSdl;
    },
    get schema() {
      return state.supergraph.apiSchema;
    },
    get subgraphs() {
      return state.supergraph.subgraphs;
    },
    get subscriptionFields() {
      return state.queryPlanner.subscriptionFields;
    },
    get dataSources() {
      return state.dataSources;
    },
    get circuitBreakers() {
      return Object.fromEntries(
        Object.entries(state.dataSources).flatMap(([name, { circuitBreakerState }]) =>
          circuitBreakerState ? [[name, circuitBreakerState]] : [],
        ),
      );
    },
    get runningSubscriptionCount() {
      return subscriptionManager.subscriptionCount;
    },
    get ready() {
      return state.queryPlanner.ready;
    },
    isKnown: (request) => state.requestPreparer.isKnown(request),
    prepare: (request, client) => state.requestPreparer.prepare(request, client),
    execute(request, context) {
      if (request.subscriptionPlan) {
        return Promise.reject(new Error('The request is a subscription. Call subscribe instead.'));
      }
      if (request.compiledOperation.deferral) {
        return Promise.reject(new Error('The request is answered in parts. Call executeInParts instead.'));
      }
      return executeWithDataSources(request, context, executePrepared);
    },
    executeInParts(request, context) {
      if (request.subscriptionPlan) throw new Error('The request is a subscription. Call subscribe instead.');
      return startInParts(request, context);
    },
    subscribe: (request, context, subscriber, after) =>
      subscriptionManager.subscribe(request, context, subscriber, after),
    async reload(supergraphSdl) {
      if (isClosing) throw new Error('The executor is closed. Create another one.');
      await startReload(supergraphSdl);
    },
    async close() {
      isClosing = true;
      const stopped = await Promise.allSettled([subscriptionManager.close(), stopManager()]);
      // A reload that waits for its workers then fails.
      await newest.queryPlanner.close();
      await lastReload;
      const closed = await Promise.allSettled([state.queryPlanner.close(), dataSourceLeases.closeAll()]);
      throwFailures([...stopped, ...closed], 'The executor could not be closed completely.');
    },
  };
  logServed(startedAt, 'the supergraph is served');
  return {
    executor,
    update(supergraphSdl) {
      if (supergraphSdl !== newest.supergraphSdl) startReload(supergraphSdl).catch(() => undefined);
    },
  };
}

/** The response of an operation of which nothing is deferred. */
async function* sendAsOnePart(
  result: FormattedExecutionResult | Promise<FormattedExecutionResult>,
): AsyncGenerator<ResponsePart, void> {
  yield { result: await result, pending: [], completed: [], hasNext: false };
}

/** @param previous the state whose data sources are reused for unchanged subgraphs */
function createSupergraphState<Context extends ExecutorContext>(
  options: ExecutorOptions<Context>,
  supergraphSdl: string,
  previous: SupergraphState | undefined,
): SupergraphState {
  const { subscriptionSources = {}, createDataSource } = options;
  const { hideSuggestions = false, introspection = true } = options;
  const { maxCachedOperations = 1_000 } = options;
  const logger = toStructuredLogger(options.logger);
  const document = parseSupergraph(supergraphSdl);
  let dataSources: DataSources = {};
  const queryPlanner = createApolloQueryPlanner(
    {
      ...resolvePlanningOptions(options),
      supergraphSdl,
      eventSources: subscriptionSources,
      canSubscribe: (subgraphName) => canSubscribe(dataSources[subgraphName]),
      logger,
    },
    document,
  );
  try {
    const supergraph = loadSupergraph(document, queryPlanner);
    dataSources = Object.fromEntries(
      supergraph.subgraphs.map((subgraph) => [
        subgraph.name,
        findUnchangedDataSource(subgraph, previous) ?? createDataSource(subgraph),
      ]),
    );
    return {
      supergraphSdl,
      supergraph,
      queryPlanner,
      dataSources,
      requestPreparer: createRequestPreparer(supergraph, queryPlanner, {
        ...resolveOperationLimits(options),
        hideSuggestions,
        introspection,
        maxCachedOperations,
        isOverrideActive: options.isOverrideActive,
        authorization: options.authorization,
        logger,
      }),
    };
  } catch (error) {
    void queryPlanner.close();
    throw error;
  }
}

/** A data source is reused, with its connections and circuit breaker, if name and URL of its subgraph are unchanged. */
const findUnchangedDataSource = (
  { name, url }: Subgraph,
  previous: SupergraphState | undefined,
): DataSource | undefined =>
  previous?.supergraph.subgraphs.some((subgraph) => subgraph.name === name && subgraph.url === url)
    ? previous.dataSources[name]
    : undefined;
