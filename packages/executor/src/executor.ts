import { AsyncLocalStorage } from 'node:async_hooks';
import {
  getArgumentValues,
  type FormattedExecutionResult,
  type GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
} from 'graphql';
import { codedError, heardAs } from './errors.js';
import { createFlights } from './execution/flights.js';
import { runProgram } from './execution/run-program.js';
import type { DataSources } from './execution/run.js';
import type { DataSource, FetchContext } from './fetching/data-source.js';
import type { Logger } from './logger.js';
import {
  createPreparer,
  type OperationRequest,
  type PreparedRequest,
  type RefusedRequest,
} from './operations/requests.js';
import { executeEvent } from './subscriptions/execute-event.js';
import type { SubscriptionPlan } from './subscriptions/plan.js';
import type { SubscriptionSources } from './subscriptions/source.js';
import { createStream, type ResultStream } from './subscriptions/stream.js';
import type { Subgraph } from './supergraph/document.js';
import { loadSupergraph, type LoadedSupergraph } from './supergraph/load.js';

export interface ExecutorOptions<Context extends FetchContext> {
  readonly supergraphSdl: string;
  /** Those for fields that the supergraph does not have are passed over. */
  readonly sources?: SubscriptionSources<Context>;
  /** Called once a subgraph. */
  readonly dataSource: (subgraph: Subgraph) => DataSource;
  /** The last word on what a caller sees of an error of an answer. */
  readonly formatError?: (error: GraphQLError) => GraphQLFormattedError;
  readonly logger: Logger;
  /** Of a document; a longer one is refused. @default 10_000 */
  readonly maxTokens?: number;
  /** Whether messages name fields that a caller did not write. @default false */
  readonly hideSuggestions?: boolean;
  /** Whether `__schema` and `__type` are answered. @default true */
  readonly introspection?: boolean;
  /** How many documents stay parsed, validated and planned. @default 1_000 */
  readonly cachedOperations?: number;
  /** How long `close` waits until every reader has heard the end. @default 1_000 // 1 second */
  readonly closeTimeoutMs?: number;
}

export interface Executor<Context extends FetchContext> {
  /** What clients see. */
  readonly schema: GraphQLSchema;
  readonly subgraphs: readonly Subgraph[];
  /** By name of the subgraph. */
  readonly dataSources: DataSources;
  /** Never throws: whatever is wrong with a request is among the errors. */
  prepare(request: OperationRequest): PreparedRequest | RefusedRequest;
  /** Answers a prepared query or mutation. Whatever goes wrong is in the answer's errors. */
  execute(request: PreparedRequest, context: Context): Promise<FormattedExecutionResult>;
  /** Answers each event of a prepared subscription, until either side ends it. */
  subscribe(request: PreparedRequest, context: Context): ResultStream<FormattedExecutionResult>;
  /** Subscriptions that run now. */
  readonly running: number;
  /** Ends every subscription with an error that tells its client to come back, and takes no new one. */
  close(): Promise<void>;
}

/** Everything that belongs to one supergraph, so that another can take its place whole. */
interface State {
  readonly supergraph: LoadedSupergraph;
  readonly dataSources: DataSources;
  readonly prepare: Executor<FetchContext>['prepare'];
}

/** @throws Error where the supergraph cannot be used, or a source's snapshot does not fit it */
export function createExecutor<Context extends FetchContext>(
  options: ExecutorOptions<Context>,
): Executor<Context> {
  const { sources = {}, logger, closeTimeoutMs = 1_000 } = options;
  const { formatError = (error: GraphQLError) => error.toJSON() } = options;
  const { supergraph, dataSources, prepare } = createState(options);
  const runtime = { dataSources, flights: createFlights(), formatError, logger };
  const streams = new Set<ResultStream<FormattedExecutionResult>>();
  let closing = false;

  return {
    schema: supergraph.apiSchema,
    subgraphs: supergraph.subgraphs,
    dataSources,
    prepare,
    get running() {
      return streams.size;
    },

    execute(request, context) {
      if (request.plan) return Promise.reject(new Error('A subscription is subscribed to.'));
      return runProgram(request.program, { variables: request.variables, context }, runtime);
    },

    subscribe(request, context) {
      const { plan } = request;
      const source = plan && sources[plan.events.field];
      if (!source) throw new Error('Only a prepared subscription can be subscribed to.');
      const args = argumentsOf(request.supergraph, plan, request.variables);
      // Every event is answered where its subscription began, for what is kept by asynchronous context.
      const inContext = AsyncLocalStorage.snapshot();
      const stream = createStream<unknown, FormattedExecutionResult>({
        open: (signal) => inContext(() => source.subscribe(args, { signal, context })),
        answer: (event, signal) =>
          inContext(() =>
            executeEvent({ ...request, plan, context: { ...context, signal } }, event, runtime),
          ),
        failure: (error) => heardAs(error, logger, { field: plan.events.field }),
        onEnd: () => streams.delete(stream),
      });
      streams.add(stream);
      if (closing) stream.fail(shuttingDown());
      return stream;
    },

    async close() {
      closing = true;
      const ending = [...streams];
      for (const stream of ending) stream.fail(shuttingDown());
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, closeTimeoutMs)));
      await Promise.race([Promise.all(ending.map(({ over }) => over)), patience]);
      clearTimeout(timer);
    },
  };
}

function createState<Context extends FetchContext>(options: ExecutorOptions<Context>): State {
  const { supergraphSdl, sources = {}, logger, maxTokens = 10_000 } = options;
  const { hideSuggestions = false, introspection = true, cachedOperations = 1_000 } = options;
  const snapshots = new Map(Object.entries(sources).map(([field, { snapshot }]) => [field, snapshot]));
  const supergraph = loadSupergraph(supergraphSdl, snapshots);
  return {
    supergraph,
    dataSources: Object.fromEntries(
      supergraph.subgraphs.map((subgraph) => [subgraph.name, options.dataSource(subgraph)]),
    ),
    prepare: createPreparer(supergraph, {
      maxTokens,
      hideSuggestions,
      introspection,
      capacity: cachedOperations,
      logger,
    }),
  };
}

function argumentsOf(
  { apiSchema }: LoadedSupergraph,
  { field }: SubscriptionPlan,
  variables: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const definition = apiSchema.getSubscriptionType()?.getFields()[field.name.value];
  return definition ? getArgumentValues(definition, field, variables) : {};
}

const shuttingDown = (): GraphQLError =>
  codedError('SERVER_SHUTTING_DOWN', 'The server is shutting down; subscribe again in a moment.');
