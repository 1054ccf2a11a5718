export { createCodedError, type ErrorCode } from './errors.js';
export { createExecutor, type Executor, type ExecutorContext, type ExecutorOptions } from './executor.js';
export type { CircuitBreakerOptions, CircuitBreakerState } from './fetching/breaker.js';
export {
  createLightAbortController,
  type LightAbortController,
  type AbortSignalLike,
} from './fetching/signal.js';
export {
  createDataSource,
  type DataSource,
  type DataSourceOptions,
  type OperationContext,
  type SubgraphFetchContext,
} from './fetching/data-source.js';
export type { HttpClientOptions } from './fetching/http-client.js';
export type { SubgraphResponse } from './fetching/read-answer.js';
export type { RetryOptions } from './fetching/retries.js';
export type { SubgraphOperation, SubgraphRequest } from './fetching/subgraph-request.js';
export type { Logger } from './logger.js';
export type { GraphQLRequest, PreparedRequest, RejectedRequest } from './operations/requests.js';
export { rootFieldNames } from './operations/root.js';
export { createEventQueue, type EventQueue, type EventQueueOptions } from './subscriptions/event-queue.js';
export {
  createSourceEvent,
  type BackfillContext,
  type BackfillBatch,
  type SubscriptionArguments,
  type SubscribeContext,
  type SourceEvent,
  type SubscriptionSource,
  type SubscriptionSources,
} from './subscriptions/source.js';
export type { SubscriptionLimits } from './subscriptions/subscriptions.js';
export type {
  SubscriptionEnd,
  SubscriptionPayload,
  RunningSubscription,
  Subscriber,
} from './subscriptions/subscriber.js';
export { listSubgraphs, type Subgraph } from './supergraph/document.js';
export type { GraphQLEngine } from './transports/engine.js';
export type {
  ResponseAdditions,
  ClientRequest,
  TransportHooks,
  SessionRequest,
  ClientSession,
  TransportKind,
} from './transports/hooks.js';
export type { TransportLimits } from './transports/limits.js';
export { createTransports, type Transports, type TransportsOptions } from './transports/transports.js';
