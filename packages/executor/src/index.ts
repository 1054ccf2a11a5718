export { codedError, type ErrorCode } from './errors.js';
export { createExecutor, type Executor, type ExecutorContext, type ExecutorOptions } from './executor.js';
export type { BreakerOptions, BreakerState } from './fetching/breaker.js';
export { createAborter, type Aborter, type Signal } from './fetching/signal.js';
export {
  createDataSource,
  type DataSource,
  type DataSourceOptions,
  type FetchContext,
  type SourceContext,
} from './fetching/data-source.js';
export type { HttpClientOptions } from './fetching/http-client.js';
export type { SubgraphAnswer } from './fetching/read-answer.js';
export type { RetryOptions } from './fetching/retries.js';
export type { SubgraphOperation, SubgraphRequest } from './fetching/subgraph-request.js';
export type { Logger } from './logger.js';
export type { OperationRequest, PreparedRequest, RefusedRequest } from './operations/requests.js';
export { rootFieldNames } from './operations/root.js';
export { createEventQueue, type EventQueue, type EventQueueOptions } from './subscriptions/event-queue.js';
export {
  sourceEvent,
  type BeginCall,
  type Beginning,
  type SourceArguments,
  type SourceCall,
  type SourceEvent,
  type SubscriptionSource,
  type SubscriptionSources,
} from './subscriptions/source.js';
export type { SubscriptionLimits } from './subscriptions/subscriptions.js';
export type { End, Payload, RunningSubscription, Subscriber } from './subscriptions/subscriber.js';
export { listSubgraphs, type Subgraph } from './supergraph/document.js';
export type { Engine } from './transports/engine.js';
export type { Additions, Call, Hooks, Opening, Session, Transport } from './transports/hooks.js';
export type { TransportLimits } from './transports/limits.js';
export { createTransports, type Transports, type TransportsOptions } from './transports/transports.js';
