import {
  createDataSource,
  createExecutor,
  type Executor,
  type ExecutorOptions,
  type SubscriptionSources,
} from '@seguridad-abc/executor';
import {
  createHttpServer,
  createIdentityService,
  createLogger,
  createRedisPubSubClient,
  getErrorMessage,
  installHttpErrorHandler,
  resolveInstanceId,
  StartError,
  type Service,
} from '@seguridad-abc/platform';
import { createAuthenticator } from './authentication/authentication-result.js';
import type { GatewayConfig } from './config.js';
import { createHealthCache } from './health/health-cache.js';
import { createHeartbeatLifecycle } from './health/heartbeat-lifecycle.js';
import { serveStatusJsonAndBadges } from './health/status-routes.js';
import { createOperatorTokenHeaders, serveGraphiql } from './http/graphiql-routes.js';
import { serveGraphQLEndpoint } from './http/graphql-endpoint.js';
import { listAllowedOrigins } from './http/origins.js';
import { serveStartPage } from './http/start-page.js';
import { createGatewayErrorFormatter } from './requests/error-formatter.js';
import type { RequestContext } from './requests/request-context.js';
import { createTransportHooks } from './requests/transport-hooks.js';
import { createAlarmChangesClient } from './subscriptions/alarm-changes-client.js';
import { createAlarmChangedSource, createRuleChangedSource } from './subscriptions/change-sources.js';
import {
  createChannelSubscriptionSources,
  parseChannelConfigs,
} from './subscriptions/configured-channels.js';
import { createHeartbeatSubscriptionSource } from './subscriptions/heartbeat-source.js';
import { createLazyRedisPubSubClient } from './subscriptions/lazy-pubsub.js';
import { getSubgraphUrl } from './supergraph/subgraph-url.js';
import { readSupergraphFile, watchSupergraphFile } from './supergraph/supergraph-file.js';

const SERVICE_NAME = 'gateway';
const MAX_DOCUMENT_TOKENS = 10_000;
/** Limit for a request body and for a WebSocket message. */
const MAX_MESSAGE_BYTES = 1_048_576;

/** Replacements for tests and benchmarks. */
export interface GatewayServiceOverrides {
  /** Additional subscription sources. They take precedence over the product's own. */
  readonly sources?: SubscriptionSources<RequestContext>;
  /** Replaces the supergraph file, which is then neither read nor watched. */
  readonly supergraphSdl?: string;
}

/** Creates the gateway: it serves one supergraph to clients, over HTTP and WebSocket. */
export function createGatewayService(
  config: GatewayConfig,
  overrides: GatewayServiceOverrides = {},
): Service {
  const logger = createLogger(SERVICE_NAME, config.LOG_LEVEL);
  const isProduction = config.NODE_ENV === 'production';
  const intervalMs = config.HEARTBEAT_INTERVAL_MS;
  const stopSteps: (() => void | Promise<void>)[] = [];

  return {
    logger,

    async start() {
      const supergraphSdl = overrides.supergraphSdl ?? readSupergraphFile(config.SUPERGRAPH);
      const identity = createIdentityService(config, logger);
      const authenticate = createAuthenticator(identity);
      const formatError = createGatewayErrorFormatter(logger);
      const pubsub = createLazyRedisPubSubClient(() => createRedisPubSubClient(config.REDIS_URL, logger));
      stopSteps.push(() => pubsub.close());

      const findSubgraphUrl = (name: string) => {
        const subgraph = executor.subgraphs.find((each) => each.name === name);
        return subgraph && getSubgraphUrl(subgraph, config);
      };
      const headers = identity.installationHeaders;
      const healthCache = createHealthCache({
        pubsub,
        intervalMs,
        getMonitorUrl: () => findSubgraphUrl('heartbeat'),
        headers,
        clock: () => ({ monotonicMs: performance.now(), wallMs: Date.now() }),
        logger,
      });
      const fetchAlarmChanges = createAlarmChangesClient(() => findSubgraphUrl('reports'), headers);
      const executor = createSupergraphExecutor({
        supergraphSdl,
        subscriptionSources: {
          heartbeat: createHeartbeatSubscriptionSource(healthCache),
          ruleChanged: createRuleChangedSource({ pubsub, logger }),
          alarmChanged: createAlarmChangedSource({ pubsub, fetchChanges: fetchAlarmChanges, logger }),
          ...createChannelSubscriptionSources(
            parseChannelConfigs(config.SUBSCRIPTION_CHANNELS),
            pubsub,
            logger,
          ),
          ...overrides.sources,
        },
        createDataSource: (subgraph) =>
          createDataSource({ name: subgraph.name, url: getSubgraphUrl(subgraph, config), logger }),
        subscriptionLimits: {
          maxSubscriptions: config.MAX_SUBSCRIPTIONS,
          maxLifetimeMs: config.SUBSCRIPTION_LIFETIME_MS,
        },
        formatError: (error, context) => formatError(error, context?.correlationId),
        maxTokens: MAX_DOCUMENT_TOKENS,
        hideSuggestions: isProduction,
        introspection: !isProduction,
        logger,
      });

      const http = createHttpServer({
        service: SERVICE_NAME,
        host: config.HOST,
        port: config.GATEWAY_PORT,
        identity,
        logger,
        readiness: () => ({
          ready: http.server.listening,
          checks: {
            redis: pubsub.status,
            connections: transports.openConnectionCount,
            subscriptions: executor.runningSubscriptionCount,
          },
        }),
      });
      if (!isProduction) {
        const createPresetHeaders = () => createOperatorTokenHeaders(config);
        serveGraphiql({ http, schema: executor.schema, createPresetHeaders });
      }
      serveStatusJsonAndBadges({
        http,
        cache: healthCache,
        authenticate,
        isPublic: config.PUBLIC_STATUS,
        now: Date.now,
      });
      serveStartPage({
        http,
        hasDeveloperPages: !isProduction,
        doesStatusNeedToken: config.AUTH === 'required' && !config.PUBLIC_STATUS,
      });
      installHttpErrorHandler(http.app, logger);
      const publicAccess = { status: config.PUBLIC_STATUS, schema: !isProduction };
      const transports = serveGraphQLEndpoint({
        http,
        engine: executor,
        hooks: createTransportHooks({ authenticate, publicAccess, formatError, logger }),
        allowedOrigins: listAllowedOrigins(config),
        maxMessageBytes: MAX_MESSAGE_BYTES,
        hasLandingPage: !isProduction,
        logger,
      });
      stopSteps.push(
        () => executor.close(),
        () => http.close(),
        // Runs first: it tells clients to reconnect.
        () => transports.close(),
      );
      await http.listen();

      const heartbeatLifecycle = createHeartbeatLifecycle({
        cache: healthCache,
        executor,
        heartbeats: {
          service: SERVICE_NAME,
          instance: resolveInstanceId(config, config.GATEWAY_PORT),
          intervalMs,
          pubsub,
        },
      });
      heartbeatLifecycle.update();
      stopSteps.push(() => heartbeatLifecycle.stop());

      if (overrides.supergraphSdl !== undefined) return;
      const reload = async (changedSdl: string) => {
        await executor.reload(changedSdl);
        heartbeatLifecycle.update();
      };
      stopSteps.push(
        watchSupergraphFile({ path: config.SUPERGRAPH, currentSdl: supergraphSdl, reload, logger }),
      );
    },

    async stop() {
      for (const step of stopSteps.splice(0).reverse()) await step();
    },
  };
}

function createSupergraphExecutor(options: ExecutorOptions<RequestContext>): Executor<RequestContext> {
  try {
    return createExecutor(options);
  } catch (error) {
    throw new StartError(`The supergraph cannot be served: ${getErrorMessage(error)}`);
  }
}
