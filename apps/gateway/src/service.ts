import { setTimeout as delay } from 'node:timers/promises';
import {
  createExecutor,
  type Executor,
  type ExecutorOptions,
  type ClientTransports,
  type SubscriptionSources,
  type SupergraphManager,
} from '@seguridad-abc/executor';
import {
  activeSpanStorage,
  assertSharedIdentity,
  createDeviceIdentity,
  createHttpServer,
  createIdentityService,
  addProcessMetrics,
  addRedisMetrics,
  createLogger,
  createMetricsRegistry,
  createRedisPubSubClient,
  getErrorMessage,
  hasSharedSocket,
  isBeingReplaced,
  installHttpErrorHandler,
  onSupervisorMessage,
  readInstallationSecret,
  resolveInstanceId,
  serveMetrics,
  sendToSupervisor,
  StartError,
  runStopSteps,
  startTracing,
  type Logger,
  type Service,
  type StopStep,
} from '@seguridad-abc/platform';
import { auditTransportHooks } from './audit/audited-hooks.js';
import { auditRouteErrors } from './audit/audited-routes.js';
import { createRefusalRecorder } from './audit/refusal-recorder.js';
import { createSummarySender } from './audit/summary-sender.js';
import {
  getAuthorizationOptions,
  getOperationLimits,
  getPlanningOptions,
  type GatewayConfig,
} from './config.js';
import { createSignedRequests } from './devices/signed-requests.js';
import { isCutOff } from './health/cut-off.js';
import { createHealthCache } from './health/health-cache.js';
import { createHeartbeatLifecycle, type HeartbeatLifecycle } from './health/heartbeat-lifecycle.js';
import { serveStatusJsonAndBadges } from './health/status-routes.js';
import { getConsoleSignIn, serveConsole } from './http/console-routes.js';
import { serveGraphiql } from './http/graphiql-routes.js';
import { listAllowedOrigins, rejectGraphQLRequests, serveGraphQLEndpoint } from './http/graphql-endpoint.js';
import { serveStartPage } from './http/start-page.js';
import { createErrorCodeCounts } from './metrics/error-code-counts.js';
import { addGatewayMetrics } from './metrics/gateway-metrics.js';
import { createOperationStatistics } from './metrics/operation-statistics.js';
import { createAuthenticator } from './requests/authentication.js';
import { createClientAddressResolver, getAddressGroup } from './requests/client-address.js';
import { createClientConsistencyTokens } from './requests/client-consistency-tokens.js';
import { createGatewayErrorFormatter } from './requests/error-formatter.js';
import { getCostBudgets } from './requests/cost-budgets.js';
import { createRouteCharges, PAGE_COST } from './requests/route-charges.js';
import { createTransportHooks, type RequestContext } from './requests/transport-hooks.js';
import {
  createPersistedOperations,
  type PersistedOperations,
} from './persisted-operations/persisted-operations.js';
import { createSessionCookie } from './sign-in/session-cookie.js';
import { findSignInProblem, serveSignIn } from './sign-in/sign-in-routes.js';
import { createClientLimits } from './shares/client-limits.js';
import { createChangesClient } from './subscriptions/changes-client.js';
import { createAlarmChangedSource, createRuleChangedSource } from './subscriptions/change-sources.js';
import {
  createChannelSubscriptionSources,
  parseChannelConfigs,
} from './subscriptions/configured-channels.js';
import { createHeartbeatSubscriptionSource } from './subscriptions/heartbeat-source.js';
import { createLazyRedisPubSubClient } from './subscriptions/lazy-pubsub.js';
import { createSubgraphDataSource, isInternalUrl } from './supergraph/internal-hosts.js';
import { createServiceClient } from './supergraph/service-client.js';
import { getSubgraphUrls } from './supergraph/subgraph-url.js';
import { readConfiguredSubgraphs } from './supergraph/supergraph-config.js';
import { readSupergraphFile, watchSupergraphFile } from './supergraph/supergraph-file.js';
import { createSupergraphIntrospection } from './supergraph/supergraph-introspection.js';
import { createOperationTracing } from './tracing/operation-tracing.js';

const SERVICE_NAME = 'gateway';

/** Replacements for tests and benchmarks. */
export interface GatewayServiceOverrides {
  /** Additional subscription sources. They take precedence over the product's own. */
  readonly sources?: SubscriptionSources<RequestContext>;
  /** Replaces the supergraph of the settings. A file is then neither read nor watched. */
  readonly supergraphSdl?: string;
  /** Whether another process may accept the connections of the socket now. @default what the supervisor has announced */
  readonly isSocketShared?: boolean;
}

/** After this time without a supergraph, requests are refused instead of waiting for the process to listen. */
const MAX_COMPOSITION_WAIT_MS = 10_000;
/** How long a gateway that stops accepts connections until its balancer has noticed: that of deploy/haproxy checks each 2 s. */
const BALANCER_NOTICE_MS = 3_000;
/** For haproxy, it means to send nothing new and to let requests finish (`disable-on-404`). After 503, it would wait for more checks. */
const STOPPING_STATUS = 404;

/** Creates the gateway: it serves one supergraph to clients, over HTTP and WebSocket. */
export function createGatewayService(
  config: GatewayConfig,
  overrides: GatewayServiceOverrides = {},
): Service {
  const logger = createLogger(SERVICE_NAME, config.LOG_LEVEL);
  const isProduction = config.NODE_ENV === 'production';
  const intervalMs = config.HEARTBEAT_INTERVAL_MS;
  const stopSteps: StopStep[] = [];
  let drain = () => Promise.resolve();

  return {
    logger,
    drain: () => drain(),

    async start() {
      const tracing = await startTracing(SERVICE_NAME, config, logger);
      stopSteps.push(() => tracing?.stop());
      assertSharedIdentity(config, { INTERNAL_HOSTS: config.INTERNAL_HOSTS });
      const fileSdl = overrides.supergraphSdl ?? readSupergraphFileUnlessIntrospected(config);
      const identity = createIdentityService(config, logger);
      const installationSecret = readInstallationSecret(config.DATA_DIR, config.INSTALLATION_SECRET);
      const supergraph =
        fileSdl ??
        createSupergraphIntrospection({
          subgraphs: listRunningSubgraphs(config),
          headers: identity.installationHeaders,
          pollIntervalMs: config.SUPERGRAPH_POLL_INTERVAL_MS,
          logger,
        });
      const introspection = typeof supergraph === 'string' ? undefined : supergraph;
      const resolveClientAddress = createClientAddressResolver(config.TRUSTED_PROXIES);
      const limits = identity.required
        ? createClientLimits(
            config,
            installationSecret,
            (client) => getAddressGroup(resolveClientAddress(client)),
            logger,
          )
        : undefined;
      const authenticate = createAuthenticator(identity, limits?.badTokens);
      const charges = createRouteCharges(limits, resolveClientAddress);
      const errorCodes = createErrorCodeCounts();
      const operationStatistics = createOperationStatistics();
      const formatError = createGatewayErrorFormatter(logger, config.SUBGRAPH_ERROR_EXTENSIONS, errorCodes);
      const pubsub = createLazyRedisPubSubClient(config.REDIS_PREFIX, () =>
        createRedisPubSubClient(config, logger),
      );
      /** The parts that need a supergraph. They are absent while the gateway waits for it. */
      const running: {
        executor?: Executor<RequestContext>;
        transports?: ClientTransports;
        heartbeats?: HeartbeatLifecycle;
        persistedOperations?: PersistedOperations;
        /** Sends the refusals that wait for monitoring. */
        sendLastRefusals?: () => Promise<void>;
      } = {};

      const http = createHttpServer({
        service: SERVICE_NAME,
        host: config.HOST,
        port: config.GATEWAY_PORT,
        identity,
        isBehindTls: config.PUBLIC_ORIGIN?.startsWith('https:') === true,
        stoppingStatus: STOPPING_STATUS,
        logger,
        readiness: () => ({
          ready:
            running.transports !== undefined &&
            http.server.listening &&
            !isCutOff(running.executor?.dataSources ?? {}, pubsub.status),
          checks: {
            redis: pubsub.status,
            connections: running.transports?.openConnectionCount ?? 0,
            subscriptions: running.executor?.runningSubscriptionCount ?? 0,
            ...describeUnreachableSubgraphs(running.executor),
            ...(introspection && { supergraph: introspection.problem ?? 'current' }),
          },
        }),
      });
      let listening: Promise<void> | undefined;
      const listen = () => (listening ??= http.listen());
      const metrics = createMetricsRegistry();
      const stopProcessMetrics = addProcessMetrics(metrics, SERVICE_NAME, logger);
      addRedisMetrics(
        metrics,
        { subscriber: () => (pubsub.status === 'not needed' ? undefined : pubsub.status) },
        pubsub,
      );
      addGatewayMetrics(metrics, {
        operations: operationStatistics,
        errorCodes,
        getExecutor: () => running.executor,
        getTransports: () => running.transports,
        getTokenCache: () => identity.tokenCache,
        limits,
      });
      serveMetrics({
        http,
        registry: metrics,
        identity,
        metricsToken: config.METRICS_TOKEN,
        chargeRefusal: charges.ofAddress(PAGE_COST),
      });
      stopSteps.push(
        stopProcessMetrics,
        () => pubsub.close(),
        () => limits?.close(),
        () => running.executor?.close(),
        // Requests are refused until the server has ended.
        () => running.sendLastRefusals?.(),
        () => http.close(),
        // Runs first: it tells clients to reconnect.
        () => running.transports?.close(),
      );
      drain = async () => {
        // A connection that waits to be accepted would be lost with the port. Another process accepts those of a shared socket.
        if (!hasSharedSocket() && !isBeingReplaced()) {
          http.announceStop();
          await delay(BALANCER_NOTICE_MS);
        }
        // Before the transports close, so that clients that connect again reach the other gateway.
        http.stopListening();
        await Promise.all([running.transports?.close(), http.drain()]);
      };
      if (introspection) {
        stopSteps.push(() => introspection.stop());
        rejectGraphQLRequests(http, 'The gateway waits for its subgraphs. Try again in a moment.');
        if (overrides.isSocketShared ?? hasSharedSocket()) {
          // The process that this one replaces serves the requests, or they wait in the socket. They would be refused here.
          const timer = setTimeout(() => void listen().catch(() => undefined), MAX_COMPOSITION_WAIT_MS);
          stopSteps.push(() => clearTimeout(timer));
        } else {
          // The health of the process can be read while it waits for the subgraphs.
          await listen();
        }
      }

      const findSubgraphUrls = (name: string): readonly string[] => {
        const subgraph = executor.subgraphs.find((each) => each.name === name);
        return subgraph ? getSubgraphUrls(subgraph, config) : [];
      };
      /** The client sends the installation secret, so that a service with an instance on another host is left out. */
      const createInternalClient = (name: string) =>
        createServiceClient(
          name,
          () => {
            const urls = findSubgraphUrls(name);
            if (!urls.every((url) => isInternalUrl(url, config))) return [];
            const instances = executor.dataSources[name]?.instances ?? [];
            const available = instances.filter(({ state }) => state === 'available').map(({ url }) => url);
            return available.length > 0 ? available : urls;
          },
          identity.installationHeaders,
        );
      const healthCache = createHealthCache({
        pubsub,
        intervalMs,
        monitors: createInternalClient('heartbeat'),
        clock: () => ({ monotonicMs: performance.now(), wallMs: Date.now() }),
        logger,
      });
      const summarySender = createSummarySender({ monitoring: createInternalClient('monitoring'), logger });
      const refusals = createRefusalRecorder(summarySender.send);
      running.sendLastRefusals = async () => {
        refusals.flush();
        await summarySender.close();
      };
      const { fetchAlarmChanges, fetchRuleChanges } = createChangesClient(
        createInternalClient('reports'),
        config.SUBGRAPH_WAIT_MS,
      );
      const executor = await createSupergraphExecutor(supergraph, {
        subscriptionSources: {
          heartbeat: createHeartbeatSubscriptionSource(healthCache, installationSecret),
          ruleChanged: createRuleChangedSource({
            pubsub,
            resumption: { fetchChanges: fetchRuleChanges, installationSecret },
            logger,
          }),
          alarmChanged: createAlarmChangedSource({
            pubsub,
            resumption: { fetchChanges: fetchAlarmChanges, installationSecret },
            logger,
          }),
          ...createChannelSubscriptionSources(
            parseChannelConfigs(config.SUBSCRIPTION_CHANNELS),
            pubsub,
            logger,
          ),
          ...overrides.sources,
        },
        createDataSource: (subgraph) =>
          createSubgraphDataSource(subgraph, config, logger, identity.installationHeaders),
        onSupergraphChange() {
          running.heartbeats?.update();
          running.persistedOperations?.checkListedOperations();
        },
        subscriptionLimits: {
          maxSubscriptions: config.MAX_SUBSCRIPTIONS,
          maxLifetimeMs: config.SUBSCRIPTION_LIFETIME_MS,
        },
        formatError(error, context) {
          refusals.recordExecutionError(error, context);
          const format = () => formatError(error, context?.correlationId);
          // Log lines carry the ids of the trace.
          return context?.trace ? activeSpanStorage.run(context.trace.span, format) : format();
        },
        ...getOperationLimits(config),
        ...getPlanningOptions(config),
        authorization: getAuthorizationOptions(config),
        hideSuggestions: isProduction,
        introspection: !isProduction,
        logger,
      });
      running.executor = executor;
      warnAboutUnknownSubgraphs(executor, config, logger);
      stopSteps.push(holdReplacedSubgraphs(executor));
      const persistedOperations = await createPersistedOperations({
        mode: config.PERSISTED_OPERATIONS_MODE,
        manifestPaths: config.PERSISTED_OPERATIONS_MANIFEST,
        getSchema: () => executor.schema,
        hasIntrospection: !isProduction,
        maxDocumentBytes: config.MAX_DOCUMENT_BYTES,
        logger,
      });
      running.persistedOperations = persistedOperations;
      stopSteps.push(() => persistedOperations.stop());

      const cookie = createSessionCookie(config, config.GATEWAY_PORT);
      const hasSignIn = findSignInProblem(config) === undefined;
      serveSignIn({
        http,
        settings: config,
        cookie,
        identity,
        authenticate,
        resolveClientAddress,
        charges,
        audit: refusals,
        logger,
      });
      if (!isProduction) {
        const access = hasSignIn ? 'sign-in' : identity.required ? 'token' : 'open';
        serveGraphiql({ http, charges, schema: executor.schema, access });
      }
      serveStatusJsonAndBadges({
        http,
        cache: healthCache,
        authenticate,
        resolveClientAddress,
        charges,
        isPublic: config.PUBLIC_STATUS,
        now: Date.now,
      });
      if (config.CONSOLE === 'on') {
        const isBuilt = serveConsole({
          http,
          charges,
          authenticate,
          resolveClientAddress,
          signIn: getConsoleSignIn(config),
          publicStatus: config.PUBLIC_STATUS,
          operationsById: config.PERSISTED_OPERATIONS_MODE === 'ids-only',
          developerPages: !isProduction,
        });
        if (!isBuilt) logger.warn('the console is not built, so it is not served: run npm run build');
      }
      serveStartPage({
        http,
        charges,
        hasDeveloperPages: !isProduction,
        doesStatusNeedToken: config.AUTH === 'required' && !config.PUBLIC_STATUS,
      });
      auditRouteErrors(http.app, refusals, resolveClientAddress);
      installHttpErrorHandler(http.app, logger);
      const publicAccess = { status: config.PUBLIC_STATUS, schema: !isProduction };
      running.transports = serveGraphQLEndpoint({
        http,
        engine: executor,
        charges,
        hooks: auditTransportHooks(
          createTransportHooks({
            authenticate,
            resolveClientAddress,
            publicAccess,
            maxAnonymousBodyBytes: config.MAX_ANONYMOUS_BODY_BYTES,
            signedRequests: createSignedRequests({
              deviceIdentity: createDeviceIdentity(() =>
                readInstallationSecret(config.DATA_DIR, config.INSTALLATION_SECRET),
              ),
              installationHeaders: identity.installationHeaders,
              maxAgeSeconds: config.MAX_SIGNATURE_AGE_SECONDS,
              now: Date.now,
              logger,
            }),
            limits,
            costBudgets: identity.required ? getCostBudgets(config) : undefined,
            documentHooks: persistedOperations.hooks,
            consistencyTokens: createClientConsistencyTokens(installationSecret),
            formatError,
            forwardedExtensions: config.SUBGRAPH_EXTENSIONS,
            operationStatistics,
            startTrace:
              tracing &&
              createOperationTracing({
                tracing,
                hasDocuments: config.TRACE_DOCUMENTS,
                getSubgraphUrl: (name) => findSubgraphUrls(name)[0],
              }),
            logger,
          }),
          refusals,
          resolveClientAddress,
        ),
        allowedOrigins: listAllowedOrigins(config),
        maxMessageBytes: config.MAX_BODY_BYTES,
        maxPersistedQueryBytes: config.PERSISTED_QUERY_CACHE_BYTES,
        minCompressedBytes: config.MIN_COMPRESSED_BYTES,
        hasLandingPage: !isProduction,
        prepareRequest: hasSignIn ? cookie.applyTo : undefined,
        logger,
      });
      await listen();

      const heartbeatLifecycle = createHeartbeatLifecycle({
        cache: healthCache,
        executor,
        // Health may be public. The details of the problem contain names of types and fields.
        getSupergraphProblem: () => introspection?.problem && OUTDATED_SUPERGRAPH_REASON,
        heartbeats: {
          service: SERVICE_NAME,
          instance: resolveInstanceId(config, config.GATEWAY_PORT),
          intervalMs,
          pubsub,
        },
      });
      running.heartbeats = heartbeatLifecycle;
      heartbeatLifecycle.update();
      stopSteps.push(() => heartbeatLifecycle.stop());

      if (overrides.supergraphSdl !== undefined || fileSdl === undefined) return;
      const reload = (changedSdl: string) => executor.reload(changedSdl);
      stopSteps.push(watchSupergraphFile({ path: config.SUPERGRAPH, currentSdl: fileSdl, reload, logger }));
    },

    async stop() {
      await runStopSteps(stopSteps);
    },
  };
}

/**
 * Lets requests to a subgraph wait while the supervisor replaces it.
 * @returns a function that ends it
 */
const holdReplacedSubgraphs = (executor: Executor<RequestContext>): (() => void) =>
  onSupervisorMessage((message) => {
    if (message.type !== 'hold-subgraph' && message.type !== 'release-subgraph') return;
    const { type, subgraph } = message;
    const dataSource = executor.dataSources[subgraph];
    if (type === 'release-subgraph') dataSource?.release?.();
    else
      void Promise.resolve(dataSource?.hold?.()).then(() =>
        sendToSupervisor({ type: 'subgraph-held', subgraph }),
      );
  });

/** Names entries of SUBGRAPH_URLS that have no effect, probably because of a wrong name. */
function warnAboutUnknownSubgraphs(
  { subgraphs }: Executor<RequestContext>,
  { SUBGRAPH_URLS }: GatewayConfig,
  logger: Logger,
): void {
  for (const service of SUBGRAPH_URLS.keys()) {
    if (!subgraphs.some(({ name }) => name === service))
      logger.warn({ service }, 'SUBGRAPH_URLS names a subgraph that the supergraph does not have');
  }
}

/** Names the subgraphs whose requests all fail until the supergraph is corrected. */
function describeUnreachableSubgraphs(executor: Executor<RequestContext> | undefined): {
  subgraphs?: string;
} {
  const problems = Object.entries(executor?.dataSources ?? {}).flatMap(([name, { problem }]) =>
    problem === undefined ? [] : `${name} ${problem}`,
  );
  return problems.length > 0 ? { subgraphs: problems.join('; ') } : {};
}

const OUTDATED_SUPERGRAPH_REASON =
  'the supergraph may be outdated: the running subgraphs cannot be composed. See the log of the gateway';

/** Value of the setting SUPERGRAPH with which the gateway composes the running subgraphs. */
const INTROSPECT = 'introspect';

const readSupergraphFileUnlessIntrospected = ({ SUPERGRAPH }: GatewayConfig): string | undefined =>
  SUPERGRAPH === INTROSPECT ? undefined : readSupergraphFile(SUPERGRAPH);

const listRunningSubgraphs = (config: GatewayConfig) =>
  readConfiguredSubgraphs(config.SUPERGRAPH_CONFIG).map(({ name, url }) => ({
    name,
    // Its data source sends the requests to all instances.
    url: getSubgraphUrls({ name, url }, config)[0],
  }));

async function createSupergraphExecutor(
  supergraphSdl: string | SupergraphManager,
  options: Omit<ExecutorOptions<RequestContext>, 'supergraphSdl'>,
): Promise<Executor<RequestContext>> {
  let executor: Executor<RequestContext> | undefined;
  try {
    executor = await createExecutor<RequestContext>({ ...options, supergraphSdl });
    await executor.ready;
    return executor;
  } catch (error) {
    await executor?.close();
    throw new StartError(`The supergraph cannot be served: ${getErrorMessage(error)}`);
  }
}
