import type {
  CacheStatistics,
  CircuitBreakerState,
  ClientTransports,
  DataSourceStatistics,
  ExecutorStatistics,
  InstanceState,
  SubgraphInstanceStatus,
} from '@seguridad-abc/executor';
import type { MetricSample, MetricsRegistry } from '@seguridad-abc/platform';
import type { ClientLimits } from '../shares/client-limits.js';
import type { ErrorCodeCounts } from './error-code-counts.js';
import type { OperationStatistics } from './operation-statistics.js';

/** The part of the executor that has figures. */
export interface MeasuredExecutor {
  readonly statistics: ExecutorStatistics;
  readonly dataSources: Readonly<
    Record<
      string,
      {
        readonly statistics?: DataSourceStatistics | undefined;
        readonly circuitBreakerState?: CircuitBreakerState;
        readonly instances?: readonly Pick<SubgraphInstanceStatus, 'state'>[];
      }
    >
  >;
}

export interface GatewayMetricsOptions {
  readonly operations: Pick<OperationStatistics, 'list'>;
  readonly errorCodes: Pick<ErrorCodeCounts, 'counts'>;
  /** Undefined while the gateway waits for its supergraph. */
  readonly getExecutor: () => MeasuredExecutor | undefined;
  /** Undefined while the gateway waits for its supergraph. */
  readonly getTransports: () => Pick<ClientTransports, 'openConnectionCount' | 'statistics'> | undefined;
  /** Of verified tokens. Undefined if callers have none. */
  readonly getTokenCache: () => CacheStatistics | undefined;
  /** Undefined: clients are not limited. */
  readonly limits: Pick<ClientLimits, 'getRefusalCounts'> | undefined;
}

/** Adds the metrics of a gateway: operations, subgraphs, caches, planning, subscriptions and refusals. */
export function addGatewayMetrics(registry: MetricsRegistry, options: GatewayMetricsOptions): void {
  addOperationMetrics(registry, options);
  addSubgraphMetrics(registry, options);
  addCacheMetrics(registry, options);
  addQueueMetrics(registry, options);
  addSubscriptionMetrics(registry, options);
}

function addOperationMetrics(
  registry: MetricsRegistry,
  { operations, errorCodes, getExecutor, limits }: GatewayMetricsOptions,
): void {
  registry.addCounter(
    'abc_operations_total',
    'Executed queries and mutations: ok without errors, partial with data and errors, failed without data.',
    () =>
      operations.list().flatMap(({ name, kind, okCount, partialCount, failedCount }): MetricSample[] => [
        { labels: { operation: name, kind, outcome: 'ok' }, value: okCount },
        { labels: { operation: name, kind, outcome: 'partial' }, value: partialCount },
        { labels: { operation: name, kind, outcome: 'failed' }, value: failedCount },
      ]),
    ['operation', 'kind', 'outcome'],
  );
  registry.addDurations(
    'abc_operation_duration_seconds',
    'Time from the prepared operation until its response is complete.',
    () =>
      operations
        .list()
        .map(({ name, kind, durations }) => ({ labels: { operation: name, kind }, durations })),
  );
  registry.addCounter(
    'abc_operation_errors_total',
    'Errors that clients have received, by their code.',
    () => [...errorCodes.counts].map(([code, value]) => ({ labels: { code }, value })),
    ['code'],
  );
  registry.addGauge(
    'abc_executions_running',
    'Operations, and events of subscriptions, that are executed now.',
    () => getExecutor()?.statistics.runningExecutions,
  );
  registry.addCounter(
    'abc_rate_limit_refusals_total',
    'Requests, messages and connections that were refused because of what their caller uses.',
    () =>
      Object.entries(limits?.getRefusalCounts() ?? {}).map(([limit, value]) => ({
        labels: { limit },
        value,
      })),
    ['limit'],
  );
}

const CIRCUIT_BREAKER_STATES: readonly CircuitBreakerState[] = ['closed', 'open', 'half-open'];
const INSTANCE_STATES: readonly InstanceState[] = ['available', 'not-ready', 'refused', 'silent'];

function addSubgraphMetrics(
  registry: MetricsRegistry,
  { getExecutor }: Pick<GatewayMetricsOptions, 'getExecutor'>,
): void {
  const listDataSources = () => Object.entries(getExecutor()?.dataSources ?? {});
  const listStatistics = () =>
    listDataSources().flatMap(([subgraph, { statistics }]) => (statistics ? [{ subgraph, statistics }] : []));
  const readEach = (read: (statistics: DataSourceStatistics) => number) => () =>
    listStatistics().map(({ subgraph, statistics }) => ({
      labels: { subgraph },
      value: read(statistics),
    }));

  registry.addCounter(
    'abc_subgraph_requests_total',
    'Requests to a subgraph by how they ended: ok, errors in the response, or why there is no valid response.',
    () =>
      listStatistics().flatMap(({ subgraph, statistics: { outcomes } }) =>
        Object.entries(outcomes).map(([outcome, value]) => ({ labels: { subgraph, outcome }, value })),
      ),
    ['subgraph', 'outcome'],
  );
  registry.addDurations(
    'abc_subgraph_request_duration_seconds',
    'Time of a request to a subgraph until its response is parsed, with retries.',
    () =>
      listStatistics().map(({ subgraph, statistics: { durations } }) => ({
        labels: { subgraph },
        durations,
      })),
  );
  registry.addGauge(
    'abc_subgraph_requests_running',
    'Requests to a subgraph that are not answered.',
    readEach(({ runningRequests }) => runningRequests),
    ['subgraph'],
  );
  registry.addGauge(
    'abc_subgraph_requests_waiting',
    'Requests to a subgraph that wait for the turn of their caller.',
    readEach(({ waitingRequests }) => waitingRequests),
    ['subgraph'],
  );
  registry.addCounter(
    'abc_subgraph_retries_total',
    'Attempts after the first one of a request to a subgraph.',
    readEach(({ retries }) => retries),
    ['subgraph'],
  );
  registry.addCounter(
    'abc_subgraph_requests_shared_total',
    'Requests that used the response of an equal request in flight.',
    () => getExecutor()?.statistics.requestSharing.shared,
  );
  registry.addGauge(
    'abc_circuit_breaker_state',
    'The circuit breaker of a subgraph: 1 for its present state, 0 for the others.',
    () =>
      listDataSources().flatMap(([subgraph, { circuitBreakerState }]) =>
        circuitBreakerState === undefined
          ? []
          : CIRCUIT_BREAKER_STATES.map((state) => ({
              labels: { subgraph, state },
              value: state === circuitBreakerState ? 1 : 0,
            })),
      ),
    ['subgraph', 'state'],
  );
  registry.addGauge(
    'abc_subgraph_instances',
    'Instances of a subgraph by state. Only available ones get requests, unless there are none.',
    () =>
      listDataSources().flatMap(([subgraph, { instances = [] }]) =>
        INSTANCE_STATES.map((state) => ({
          labels: { subgraph, state },
          value: instances.filter((instance) => instance.state === state).length,
        })),
      ),
    ['subgraph', 'state'],
  );
}

function addCacheMetrics(
  registry: MetricsRegistry,
  { getExecutor, getTransports, getTokenCache }: GatewayMetricsOptions,
): void {
  const listCaches = (): (readonly [cache: string, statistics: CacheStatistics])[] => {
    const caches = getExecutor()?.statistics.caches;
    const tokens = getTokenCache();
    const transports = getTransports();
    return [
      ...(caches
        ? ([
            ['operations', caches.operations],
            ['rejected_operations', caches.rejectedOperations],
          ] as const)
        : []),
      ...(transports ? ([['persisted_documents', transports.statistics.persistedDocuments]] as const) : []),
      ...(tokens ? ([['tokens', tokens]] as const) : []),
    ];
  };
  const readEach = (read: (statistics: CacheStatistics) => number) => () =>
    listCaches().map(([cache, statistics]) => ({ labels: { cache }, value: read(statistics) }));

  registry.addCounter(
    'abc_cache_hits_total',
    'Entries that a cache had.',
    readEach(({ hits }) => hits),
    ['cache'],
  );
  registry.addCounter(
    'abc_cache_misses_total',
    'Entries that a cache did not have.',
    readEach(({ misses }) => misses),
    ['cache'],
  );
  registry.addGauge(
    'abc_cache_entries',
    'Entries of a cache.',
    readEach(({ entries }) => entries),
    ['cache'],
  );
  registry.addGauge(
    'abc_cache_size_bytes',
    'Size of a cache in bytes, as estimated.',
    readEach(({ bytes }) => bytes),
    ['cache'],
  );
  registry.addGauge(
    'abc_cache_max_size_bytes',
    'Size in bytes that a cache does not exceed.',
    readEach(({ maxBytes }) => maxBytes),
    ['cache'],
  );
}

function addQueueMetrics(
  registry: MetricsRegistry,
  { getExecutor, getTransports }: Pick<GatewayMetricsOptions, 'getExecutor' | 'getTransports'>,
): void {
  registry.addGauge(
    'abc_queue_length',
    'What waits in a queue.',
    () => {
      const transports = getTransports()?.statistics;
      return [
        { labels: { queue: 'planning' }, value: getExecutor()?.statistics.planning?.waiting },
        { labels: { queue: 'expensive_requests' }, value: transports?.waitingExpensiveRequests },
        { labels: { queue: 'new_operations' }, value: transports?.waitingNewOperations },
        { labels: { queue: 'messages' }, value: transports?.waitingMessages },
      ];
    },
    ['queue'],
  );
  registry.addGauge(
    'abc_planning_running',
    'Operations that are planned now.',
    () => getExecutor()?.statistics.planning?.running,
  );
  registry.addCounter(
    'abc_planning_results_total',
    'Planned operations by result: planned, tooComplex, noPlan, fault, or refused because too many waited.',
    () => {
      const planning = getExecutor()?.statistics.planning;
      if (!planning) return [];
      return Object.entries({ ...planning.results, refused: planning.refused }).map(([result, value]) => ({
        labels: { result },
        value,
      }));
    },
    ['result'],
  );
  registry.addDurations('abc_planning_duration_seconds', 'Time in which a worker plans an operation.', () => {
    const planning = getExecutor()?.statistics.planning;
    return planning ? [{ durations: planning.durations }] : [];
  });
  registry.addGauge(
    'abc_client_connections_open',
    'Open WebSockets and response streams of clients.',
    () => getTransports()?.openConnectionCount,
  );
}

function addSubscriptionMetrics(
  registry: MetricsRegistry,
  { getExecutor }: Pick<GatewayMetricsOptions, 'getExecutor'>,
): void {
  const getStatistics = () => getExecutor()?.statistics.subscriptions;
  const listFields = () => [...(getStatistics()?.fields ?? [])];

  registry.addGauge('abc_subscriptions_open', 'Running subscriptions.', () => getStatistics()?.running);
  registry.addGauge(
    'abc_subscription_groups',
    'Groups of equal subscriptions: each has one execution for each event.',
    () => getStatistics()?.groups,
  );
  registry.addCounter(
    'abc_subscriptions_started_total',
    'Started subscriptions by field.',
    () => listFields().map(([field, { started }]) => ({ labels: { field }, value: started })),
    ['field'],
  );
  registry.addCounter(
    'abc_subscription_events_total',
    'Events that groups of equal subscriptions have received, by field.',
    () => listFields().map(([field, { events }]) => ({ labels: { field }, value: events })),
    ['field'],
  );
  registry.addCounter(
    'abc_subscription_executions_total',
    'Executions of events, by field.',
    () => listFields().map(([field, { executions }]) => ({ labels: { field }, value: executions })),
    ['field'],
  );
  registry.addCounter(
    'abc_subscription_payloads_sent_total',
    'Payloads that were sent to subscribers.',
    () => getStatistics()?.sentPayloads,
  );
  registry.addCounter(
    'abc_subscription_payloads_dropped_total',
    'Unread payloads that a newer one has replaced, or whose subscriber has ended.',
    () => getStatistics()?.droppedPayloads,
  );
  registry.addCounter(
    'abc_subscription_slow_ends_total',
    'Subscriptions that ended because their client read too slowly.',
    () => getStatistics()?.tooSlowEnds,
  );
  registry.addGauge(
    'abc_subscription_slow_subscribers',
    'Subscribers whose connection has too many unsent bytes now.',
    () => getStatistics()?.slowSubscribers,
  );
  registry.addGauge(
    'abc_subscription_unread_payloads',
    'Payloads that wait for slow subscribers.',
    () => getStatistics()?.unreadPayloads,
  );
}
