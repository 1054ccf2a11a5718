import { GraphQLError, type FormattedExecutionResult } from 'graphql';
import type { OperationContext } from '../shared/operation-context.js';
import { createExecutor, type Executor, type ExecutorContext, type ExecutorOptions } from '../executor.js';
import type {
  GraphQLRequest,
  PreparedRequest,
  RejectedRequest,
  RequestingClient,
} from '../operations/request-preparer.js';
import { createApolloQueryPlanner } from '../planning/apollo-query-planner.js';
import { resolvePlanningOptions } from '../planning/planning-options.js';
import type { QueryPlanner } from '../planning/query-planner.js';
import { createCodedError } from '../shared/errors.js';
import type { Logger, StructuredLogger } from '../shared/logger.js';
import {
  createEventQueue,
  type EventQueue,
  type SubscriptionSource,
  type SubscriptionSources,
} from '../subscriptions/subscription-source.js';
import type { Subscriber, SubscriptionEnd, SubscriptionPayload } from '../subscriptions/subscriber.js';
import type { TestFederation } from './test-federation.js';

/** Counts as a pino logger: copies with other methods receive the details as an object. */
export const silentLogger: Logger & StructuredLogger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  ...{ [Symbol.for('pino.serializers')]: {} },
};

/** Creates an executor whose subgraphs run in this process. It has no planning workers: operations are prepared at once. */
export const createTestExecutor = (
  federation: TestFederation,
  subscriptionSources: SubscriptionSources<ExecutorContext> = {},
  options: Partial<ExecutorOptions<ExecutorContext>> = {},
): Executor<ExecutorContext> =>
  createExecutor({
    supergraphSdl: federation.supergraphSdl,
    createDataSource: (subgraph) => federation.dataSource(subgraph),
    subscriptionSources,
    logger: silentLogger,
    planWorkers: 0,
    ...options,
  });

/** Creates a query planner that plans in this thread, at once. */
export const createLocalPlanner = (supergraphSdl: string): QueryPlanner =>
  createApolloQueryPlanner({
    ...resolvePlanningOptions({ planWorkers: 0 }),
    supergraphSdl,
    eventSources: {},
    canSubscribe: () => false,
    logger: silentLogger,
  });

/** Prepares a request on an executor without planning workers. */
export function prepareNow<Context extends OperationContext>(
  executor: Pick<Executor<Context>, 'prepare'>,
  request: GraphQLRequest,
  client?: RequestingClient,
): PreparedRequest | RejectedRequest {
  const prepared = executor.prepare(request, client);
  if (prepared instanceof Promise) throw new Error('The executor has planning workers. Await its promise.');
  return prepared;
}

/** @throws AggregateError if the request is rejected */
function prepareRequest<Context extends OperationContext>(
  executor: Executor<Context>,
  query: string,
  variables: Record<string, unknown>,
): PreparedRequest {
  const prepared = prepareNow(executor, { query, variables });
  if ('errors' in prepared) throw new AggregateError(prepared.errors, prepared.errors.join('\n'));
  return prepared;
}

/** Executes a query or mutation and parses its result as a client does. */
export async function executeTestRequest(
  executor: Executor<OperationContext>,
  query: string,
  { variables = {}, context = {} }: { variables?: Record<string, unknown>; context?: OperationContext } = {},
): Promise<FormattedExecutionResult> {
  const prepared = prepareRequest(executor, query, variables);
  return JSON.parse(JSON.stringify(await executor.execute(prepared, context))) as FormattedExecutionResult;
}

/** Subscribes to a source that ends, and returns the results as a client parses them. */
export async function collectSubscriptionResults(
  executor: Executor<ExecutorContext>,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<FormattedExecutionResult[]> {
  const prepared = prepareRequest(executor, query, variables);
  const { subscriber, ended, results } = createRecordingSubscriber();
  executor.subscribe(prepared, {}, subscriber);
  const { errors } = await ended;
  if (errors) throw new AggregateError(errors, errors.map(({ message }) => message).join('\n'));
  return results;
}

/** A subscriber that records what it receives. */
export interface RecordingSubscriber {
  /** The payloads as a client parses them. */
  readonly results: FormattedExecutionResult[];
  readonly payloads: SubscriptionPayload[];
  /** Resolves when the subscription has ended. */
  readonly ended: Promise<SubscriptionEnd>;
  readonly subscriber: Subscriber;
}

export function createRecordingSubscriber(): RecordingSubscriber {
  const results: FormattedExecutionResult[] = [];
  const payloads: SubscriptionPayload[] = [];
  let resolveEnd: (end: SubscriptionEnd) => void;
  const ended = new Promise<SubscriptionEnd>((resolve) => (resolveEnd = resolve));
  return {
    results,
    payloads,
    ended,
    subscriber: {
      next(payload) {
        payloads.push(payload);
        results.push(JSON.parse(payload.json) as FormattedExecutionResult);
      },
      end: (end) => resolveEnd(end),
      unsentBytes: 0,
    },
  };
}

/** Creates a source that provides the given events and ends. */
export const createFiniteSource = (...events: readonly unknown[]): SubscriptionSource<ExecutorContext> => ({
  subscribe(_, { signal }) {
    const queue = createEventQueue({
      signal,
      capacity: events.length,
      overflow: () => new GraphQLError('too many'),
    });
    for (const event of events) queue.push(event);
    queue.end();
    return queue;
  },
});

/** A source whose events the test provides. */
export interface TestSource extends SubscriptionSource<ExecutorContext> {
  /** Sends an event to all open streams. */
  push(event: unknown): void;
  /** Ends all open streams. */
  end(): void;
  /** The arguments of all streams that were opened. */
  readonly receivedArguments: readonly object[];
  readonly openStreamCount: number;
}

export function createTestSource(
  options: Partial<Omit<SubscriptionSource<ExecutorContext>, 'subscribe'>> = {},
): TestSource {
  const queues = new Set<EventQueue<unknown>>();
  const receivedArguments: object[] = [];
  return {
    ...options,
    receivedArguments,
    get openStreamCount() {
      return queues.size;
    },
    subscribe(args, { signal }) {
      receivedArguments.push(args);
      const queue = createEventQueue<unknown>({
        signal,
        capacity: 10_000,
        overflow: () => createCodedError('SUBSCRIBER_TOO_SLOW', 'Too slow.'),
      });
      queues.add(queue);
      signal.addEventListener('abort', () => queues.delete(queue), { once: true });
      return queue;
    },
    push(event) {
      for (const queue of queues) queue.push(event);
    },
    end() {
      for (const queue of queues) queue.end();
    },
  };
}
