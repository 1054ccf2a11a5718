export { clientPath, codedError, type ErrorCode } from './errors.js';
export { createExecutor, type Executor, type ExecutorOptions } from './executor.js';
export { createDataSource, type DataSourceOptions, type FetchContext } from './fetching/data-source.js';
export type { Logger } from './logger.js';
export type { OperationRequest, PreparedRequest, RefusedRequest } from './operations/requests.js';
export { createEventQueue, type EventQueue, type EventQueueOptions } from './subscriptions/event-queue.js';
export type { SourceCall, SubscriptionSource, SubscriptionSources } from './subscriptions/source.js';
export type { End, Payload, RunningSubscription, Subscriber } from './subscriptions/subscriber.js';
export { listSubgraphs, type Subgraph } from './supergraph/document.js';
