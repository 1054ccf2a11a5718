import { setImmediate } from 'node:timers/promises';
import type { FormattedExecutionResult, GraphQLError, GraphQLFormattedError, GraphQLSchema } from 'graphql';
import { createInFlightRequests } from './execution/in-flight-requests.js';
import {
  executeOperation,
  type ExecutionRequest,
  type ExecutionEnvironment,
} from './execution/execute-operation.js';
import type { DataSources } from './execution/execution-state.js';
import type { CircuitBreakerState } from './data-sources/circuit-breaker.js';
import type { DataSource, OperationContext } from './data-sources/data-source.js';
import type { Logger } from './shared/logger.js';
import {
  createRequestPreparer,
  type RequestPreparer,
  type GraphQLRequest,
  type PreparedRequest,
  type RejectedRequest,
} from './operations/request-preparer.js';
import { executeEvent } from './subscriptions/execute-event.js';
import type { SubscriptionSources } from './subscriptions/subscription-source.js';
import type { RunningSubscription, Subscriber } from './subscriptions/subscriber.js';
import {
  createSubscriptionManager,
  type SubscriptionContext,
  type SubscriptionLimits,
} from './subscriptions/subscription-manager.js';
import type { Subgraph } from './supergraph/supergraph-document.js';
import { loadSupergraph, type LoadedSupergraph } from './supergraph/load-supergraph.js';

/** What a transport knows of the caller. */
export interface ExecutorContext extends OperationContext, SubscriptionContext {}

export interface ExecutorOptions<Context extends ExecutorContext> {
  readonly supergraphSdl: string;
  /** Those for fields that the supergraph does not have are passed over. */
  readonly subscriptionSources?: SubscriptionSources<Context>;
  /** Called once a subgraph. */
  readonly createDataSource: (subgraph: Subgraph) => DataSource;
  /**
   * The last word on what a caller sees of an error of an answer.
   * @param context the caller's; absent where an error concerns several
   */
  readonly formatError?: (error: GraphQLError, context?: Context) => GraphQLFormattedError;
  readonly logger: Logger;
  /** Of a document; a longer one is refused. @default 10_000 */
  readonly maxTokens?: number;
  /** Fields within fields; a deeper operation is refused. @default 200 */
  readonly maxDepth?: number;
  /** With fragments written out wherever they are spread; an operation with more is refused. @default 20_000 */
  readonly maxSelections?: number;
  /** How many ways to fetch an operation are weighed: one of them is taken when there are more. @default 1_000 */
  readonly maxEvaluatedPlans?: number;
  /** Whether messages name fields that a caller did not write. @default false */
  readonly hideSuggestions?: boolean;
  /** Whether `__schema` and `__type` are answered. @default true */
  readonly introspection?: boolean;
  /** How many documents stay parsed, validated and planned. @default 1_000 */
  readonly maxCachedOperations?: number;
  /** How many of the operations used last are prepared again before another supergraph is served. @default 100 */
  readonly maxWarmedOperations?: number;
  /** Of subscriptions. */
  readonly subscriptionLimits?: SubscriptionLimits;
  /** Most entities that one request to a subgraph asks for; more are asked for in several at once. @default 1_000 */
  readonly maxEntitiesPerFetch?: number;
}

export interface Executor<Context extends ExecutorContext> {
  /** What clients see. */
  readonly schema: GraphQLSchema;
  readonly subgraphs: readonly Subgraph[];
  /** The subscription fields that have a source of events here. */
  readonly subscriptionFields: readonly string[];
  /** By name of the subgraph. */
  readonly dataSources: DataSources;
  /** By name of the subgraph, whether it is asked at present; of those whose data source keeps an eye on it. */
  readonly circuitBreakers: Readonly<Record<string, CircuitBreakerState>>;
  /** Never throws: whatever is wrong with a request is among the errors. */
  prepare(request: GraphQLRequest): PreparedRequest | RejectedRequest;
  /** Answers a prepared query or mutation. Whatever goes wrong is in the answer's errors. */
  execute(request: PreparedRequest, context: Context): Promise<FormattedExecutionResult>;
  /**
   * Answers each event of a prepared subscription, until either side ends it. It never throws: a refusal is an end.
   * Subscribers of the same operation, variables and authority share one execution an event, and one text.
   */
  subscribe(request: PreparedRequest, context: Context, subscriber: Subscriber): RunningSubscription;
  /** Subscriptions that run now. */
  readonly runningSubscriptions: number;
  /**
   * Serves another supergraph from now on. Subscriptions that fit it go on, the others are ended with
   * SUBSCRIPTION_SCHEMA_RELOAD.
   * @throws Error where it cannot be used: the present one is served on
   */
  reload(supergraphSdl: string): Promise<void>;
  /** Ends every subscription with an error that tells its client to come back, and takes no new one; then closes the data sources. */
  close(): Promise<void>;
}

/** Everything that belongs to one supergraph, so that another can take its place whole. */
interface State {
  readonly supergraph: LoadedSupergraph;
  readonly dataSources: DataSources;
  readonly operations: RequestPreparer;
}

/** @throws Error where the supergraph cannot be used, or a source's snapshot does not fit it */
export function createExecutor<Context extends ExecutorContext>(
  options: ExecutorOptions<Context>,
): Executor<Context> {
  const {
    subscriptionSources = {},
    logger,
    subscriptionLimits = {},
    maxWarmedOperations = 100,
    maxEntitiesPerFetch,
  } = options;
  const { formatError = (error: GraphQLError) => error.toJSON() } = options;
  let state = createState(options, options.supergraphSdl, undefined);
  /** What was prepared with an earlier supergraph is executed with that one's data sources. */
  const runtimes = new WeakMap<LoadedSupergraph, ExecutionEnvironment>();
  const use = (next: State) => {
    state = next;
    runtimes.set(next.supergraph, {
      dataSources: next.dataSources,
      inFlightRequests: createInFlightRequests(),
      maxEntities: maxEntitiesPerFetch,
      logger,
    });
  };
  use(state);
  const runtimeOf = ({ supergraph }: PreparedRequest): ExecutionEnvironment => {
    const runtime = runtimes.get(supergraph);
    if (!runtime) throw new Error('The request was prepared by another executor.');
    return runtime;
  };

  const callOf = (variables: PreparedRequest['variables'], context: Context): ExecutionRequest => ({
    variables,
    context,
    formatError: (error) => formatError(error, context),
  });

  const subscriptions = createSubscriptionManager<Context>({
    sources: subscriptionSources,
    prepare: (request) => state.operations.prepare(request),
    isCurrent: (request) => request.supergraph === state.supergraph,
    execute: (subscription, event, context) =>
      executeEvent(subscription, event, callOf(subscription.variables, context), runtimeOf(subscription)),
    formatError,
    limits: subscriptionLimits,
    logger,
  });

  const reload = async (supergraphSdl: string) => {
    const next = createState(options, supergraphSdl, state);
    for (const used of state.operations.recent(maxWarmedOperations)) {
      next.operations.warm(used);
      await setImmediate();
    }
    use(next);
    await subscriptions.replan();
  };
  let reloaded: Promise<void> = Promise.resolve();

  return {
    get schema() {
      return state.supergraph.apiSchema;
    },
    get subgraphs() {
      return state.supergraph.subgraphs;
    },
    get subscriptionFields() {
      return [...state.supergraph.events.keys()];
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
    get runningSubscriptions() {
      return subscriptions.running;
    },
    prepare: (request) => state.operations.prepare(request),
    execute(request, context) {
      if (request.subscriptionPlan) return Promise.reject(new Error('A subscription is subscribed to.'));
      return executeOperation(
        request.compiledOperation,
        callOf(request.variables, context),
        runtimeOf(request),
      );
    },
    subscribe: (request, context, subscriber) => subscriptions.subscribe(request, context, subscriber),
    reload(supergraphSdl) {
      // One after the other: the last one given is the one that is served.
      const done = reloaded.then(() => reload(supergraphSdl));
      reloaded = done.catch(() => undefined);
      return done;
    },
    async close() {
      await subscriptions.close();
      await closeAll(state.dataSources);
    },
  };
}

const closeAll = async (sources: DataSources): Promise<void> => {
  await Promise.all(Object.values(sources).map(async (source) => source.close?.()));
};

function createState<Context extends ExecutorContext>(
  options: ExecutorOptions<Context>,
  supergraphSdl: string,
  previous: State | undefined,
): State {
  const { subscriptionSources = {}, logger } = options;
  const { maxTokens = 10_000, maxDepth = 200, maxSelections = 20_000, maxEvaluatedPlans = 1_000 } = options;
  const { hideSuggestions = false, introspection = true, maxCachedOperations: capacity = 1_000 } = options;
  const supergraph = loadSupergraph(supergraphSdl, subscriptionSources, { maxEvaluatedPlans });
  return {
    supergraph,
    dataSources: Object.fromEntries(
      supergraph.subgraphs.map((subgraph) => [
        subgraph.name,
        kept(subgraph, previous) ?? options.createDataSource(subgraph),
      ]),
    ),
    operations: createRequestPreparer(supergraph, {
      maxTokens,
      maxDepth,
      maxSelections,
      hideSuggestions,
      introspection,
      capacity,
      logger,
    }),
  };
}

/** The data source of a subgraph that has not moved, with its connections and what it knows of the subgraph. */
const kept = ({ name, url }: Subgraph, previous: State | undefined): DataSources[string] | undefined =>
  previous?.supergraph.subgraphs.some((known) => known.name === name && known.url === url)
    ? previous.dataSources[name]
    : undefined;
