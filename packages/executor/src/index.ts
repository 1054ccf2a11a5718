export type { CompletedFragment, PendingFragment, ResponsePart } from './execution/execute-in-parts.js';
export { createCodedError, type ErrorCode } from './shared/errors.js';
export {
  createExecutor,
  type Executor,
  type ExecutorContext,
  type ExecutorOptions,
  type ExecutorStatistics,
  type ManagedExecutorOptions,
  type ServedSupergraph,
} from './executor.js';
export {
  createApolloGateway,
  type ApolloGateway,
  type ApolloGatewayExecutor,
  type ApolloGatewayOptions,
  type ApolloSchemaListener,
  type ApolloServerRequestContext,
} from './apollo-gateway.js';
export type {
  ApolloQueryPlannerConfig,
  IgnoredApolloGatewayOptions,
} from './apollo/apollo-gateway-options.js';
export {
  adaptApolloDataSource,
  type AdaptApolloDataSourceOptions,
  type ApolloDataSource,
  type ApolloGraphQLRequest,
  type ApolloGraphQLResponse,
  type ApolloHeaders,
  type ApolloIncomingRequest,
  type ApolloProcessOptions,
} from './apollo/apollo-data-source.js';
export type {
  ManagedSupergraph,
  SubgraphEndpoint,
  SupergraphManager,
  SupergraphSdlHook,
  SupergraphSdlHookOptions,
} from './apollo/supergraph-manager.js';
export type { CircuitBreakerOptions, CircuitBreakerState } from './data-sources/circuit-breaker.js';
export {
  createLightAbortController,
  type LightAbortController,
  type AbortSignalLike,
} from './shared/light-abort-signal.js';
export {
  SubgraphSubscriptionError,
  type DataSource,
  type SubgraphError,
  type SubgraphInstanceStatus,
  type SubgraphFetchContext,
  type SubgraphOperation,
  type SubgraphRequest,
  type SubgraphResponse,
  type SubgraphSubscriptionContext,
} from './data-sources/data-source.js';
export { createDataSource, type DataSourceOptions } from './data-sources/http-data-source.js';
export type { InstanceCheckOptions } from './data-sources/instance-check.js';
export type { InstanceState } from './data-sources/instance-health.js';
export type { DataSourceStatistics } from './data-sources/data-source-statistics.js';
export type { RequestSharingStatistics } from './execution/in-flight-requests.js';
export type { OperationCacheStatistics } from './operations/operation-cache.js';
export type { PlanningStatistics } from './planning/planning-statistics.js';
export type { CacheStatistics } from './shared/cache-statistics.js';
export type { DurationStatistics } from './shared/duration-histogram.js';
export type {
  SubscriptionFieldStatistics,
  SubscriptionStatistics,
} from './subscriptions/subscription-statistics.js';
export type { ReconnectOptions } from './data-sources/reconnecting-stream.js';
export {
  parseSubscriptionUrl,
  type SubgraphSubscriptionOptions,
} from './data-sources/subgraph-subscriptions.js';
export { parseEndpointUrl, type HttpClientOptions } from './data-sources/http-client.js';
export type { RetryOptions } from './data-sources/query-retrier.js';
export type { Logger } from './shared/logger.js';
export { HeldSlot, type SlotPool } from './transports/shared/client-slots.js';
export type { AuthorizationOptions, ClientAccess } from './shared/client-access.js';
export type { OperationContext } from './shared/operation-context.js';
export type {
  EventTrace,
  ExecutionTrace,
  FetchTrace,
  OperationOutcome,
  OperationTrace,
  TracedFetch,
} from './shared/operation-trace.js';
export type {
  GraphQLRequest,
  PreparedRequest,
  RejectedRequest,
  RequestingClient,
  ValidOperation,
} from './operations/request-preparer.js';
export type { PlanningPoolOptions } from './planning/planning-pool.js';
export type { PlanningLimits } from './planning/query-planner.js';
export type { OperationLimits } from './operations/operation-limits.js';
export {
  explainOperation,
  type ExplainOperationOptions,
  type OperationExplanation,
} from './explain-operation.js';
export { drawQueryPlan, formatQueryPlan, type QueryPlan } from './planning/query-plan.js';
export { getRootFieldNames } from './shared/graphql-ast.js';
export {
  createEventQueue,
  type EventQueue,
  type EventQueueOptions,
} from './subscriptions/subscription-source.js';
export {
  createSourceEvent,
  type BackfillContext,
  type BackfillBatch,
  type SubscriptionArguments,
  type SubscribeContext,
  type SourceEvent,
  type SubscriptionSource,
  type SubscriptionSources,
} from './subscriptions/subscription-source.js';
export type { SubscriptionLimits } from './subscriptions/subscription-manager.js';
export type {
  SubscriptionEnd,
  SubscriptionPayload,
  RunningSubscription,
  Subscriber,
} from './subscriptions/subscriber.js';
export { listSubgraphs, type Subgraph } from './supergraph/supergraph-document.js';
export type { GraphQLEngine } from './transports/shared/client-request.js';
export type {
  ArrivedOperation,
  OperationToAuthorize,
  ResponseAdditions,
  ClientRequest,
  ClientSlots,
  RequestedDocument,
  TransportHooks,
  SessionCredentials,
  ClientSession,
  TransportKind,
} from './transports/shared/client-request.js';
export type { TransportLimits } from './transports/shared/transport-limits.js';
export {
  createClientTransports,
  type ClientTransports,
  type ClientTransportsOptions,
  type TransportStatistics,
} from './transports/create-transports.js';
