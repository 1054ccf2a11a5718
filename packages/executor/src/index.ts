export { codedError, type ErrorCode } from './errors.js';
export { createExecutor, type Executor, type ExecutorOptions } from './executor.js';
export {
  createDataSource,
  type DataSource,
  type DataSourceOptions,
  type FetchContext,
} from './fetching/data-source.js';
export type { SubgraphAnswer } from './fetching/read-answer.js';
export type { SubgraphOperation, SubgraphRequest } from './fetching/subgraph-request.js';
export type { Logger } from './logger.js';
export type { OperationRequest, PreparedRequest, RefusedRequest } from './operations/requests.js';
export { createEventQueue, type EventQueue, type EventQueueOptions } from './subscriptions/event-queue.js';
export type { SourceCall, SubscriptionSource, SubscriptionSources } from './subscriptions/source.js';
export type { ResultStream } from './subscriptions/stream.js';
export { listSubgraphs, type Subgraph } from './supergraph/document.js';
