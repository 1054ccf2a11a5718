import type { SubscriptionSources } from '@seguridad-abc/executor';
import {
  installHttpErrorHandler,
  createHttpServer,
  createIdentityService,
  createLogger,
  createPubSub,
  resolveInstanceId,
  startHeartbeatSender,
  type Service,
} from '@seguridad-abc/platform';
import type { GatewayConfig } from './config.js';
import type { Moment } from './domain/moment.js';
import { gatewayErrorFormatter } from './errors.js';
import { serveGraphiql } from './http/graphiql.js';
import { serveGraphql } from './http/graphql-endpoint.js';
import { allowedOrigins } from './http/origins.js';
import { developerHeaders } from './identity/developer-headers.js';
import { identifyBy } from './identity/identify.js';
import { serveStatus } from './http/status.js';
import { requestContextFactory, type RequestContext } from './operations/request-context.js';
import { operationHooks } from './operations/hooks.js';
import { createAlarmChangesClient } from './subscriptions/alarm-changes-client.js';
import { readChannels } from './subscriptions/channels.js';
import { createLazyPubSub } from './subscriptions/lazy-pubsub.js';
import { createPresence } from './subscriptions/presence.js';
import { createProductMirror } from './subscriptions/product-mirror.js';
import { createSources } from './subscriptions/sources.js';
import { loadSupergraph } from './supergraph/load.js';
import { readSupergraphFile } from './supergraph/read-file.js';
import { refusedSubgraphs } from './supergraph/refused-subgraphs.js';
import { subgraphUrl } from './supergraph/subgraph-url.js';
import { watchSupergraph } from './supergraph/watch.js';

const SERVICE = 'gateway';
/** Of a document, in tokens. */
const MAX_TOKENS = 10_000;
/** Of a request's body and of a message on a socket, in bytes. */
const MAX_MESSAGE = 1_048_576;

export interface GatewayOverrides {
  /** Subscription sources beside, or in place of, the product's own. */
  readonly sources?: SubscriptionSources<RequestContext>;
  /** In place of the file that the settings name. */
  readonly supergraphSdl?: string;
  readonly clock?: () => Moment;
}

const systemClock = (): Moment => ({ mono: performance.now(), wall: Date.now() });

/** Serves one supergraph to clients, over HTTP and WebSocket. */
export function createGateway(config: GatewayConfig, overrides: GatewayOverrides = {}): Service {
  const { clock = systemClock } = overrides;
  const logger = createLogger(SERVICE, config.LOG_LEVEL);
  const closers: (() => void | Promise<void>)[] = [];

  return {
    logger,

    async start() {
      const supergraphSdl = overrides.supergraphSdl ?? readSupergraphFile(config.SUPERGRAPH);
      const identity = createIdentityService(config, logger);
      const identify = identifyBy(identity);
      const newContext = requestContextFactory(logger);
      const pubsub = createLazyPubSub(() => createPubSub(config.REDIS_URL, logger));
      closers.push(() => pubsub.close());
      const isProduction = config.NODE_ENV === 'production';
      const open = { status: config.PUBLIC_STATUS, schema: !isProduction };
      const origins = allowedOrigins(config);
      const formatError = gatewayErrorFormatter(logger);
      const urlOf = (name: string) => () => {
        const subgraph = executor.subgraphs.find((each) => each.name === name);
        return subgraph && subgraphUrl(subgraph, config);
      };
      const headers = identity.installationHeaders;
      const intervalMs = config.HEARTBEAT_INTERVAL_MS;
      const mirror = createProductMirror({
        pubsub,
        intervalMs,
        monitorUrl: urlOf('heartbeat'),
        headers,
        clock,
        logger,
      });
      const executor = loadSupergraph(supergraphSdl, {
        config,
        sources: {
          ...createSources({
            pubsub,
            mirror,
            fetchAlarmChanges: createAlarmChangesClient(urlOf('reports'), headers),
            channels: readChannels(config.SUBSCRIPTION_CHANNELS),
            logger,
          }),
          ...overrides.sources,
        },
        limits: {
          maxSubscriptions: config.MAX_SUBSCRIPTIONS,
          maxLifetimeMs: config.SUBSCRIPTION_LIFETIME_MS,
        },
        formatError,
        maxTokens: MAX_TOKENS,
        hideSuggestions: isProduction,
        introspection: !isProduction,
        logger,
      });

      const http = createHttpServer({
        service: SERVICE,
        host: config.HOST,
        port: config.GATEWAY_PORT,
        identity,
        logger,
        readiness: () => ({
          ready: http.server.listening,
          checks: {
            redis: pubsub.status,
            connections: transports.connections,
            subscriptions: executor.runningSubscriptions,
          },
        }),
      });
      if (!isProduction) {
        serveGraphiql({ http, schema: executor.schema, headers: developerHeaders(config) });
      }
      serveStatus({ http, mirror, identify, open, now: () => clock().wall });
      installHttpErrorHandler(http.app, logger);
      const transports = serveGraphql({
        http,
        engine: executor,
        hooks: operationHooks({ identify, open, newContext, formatError }),
        origins,
        maxMessageBytes: MAX_MESSAGE,
        isProduction,
        logger,
      });
      closers.push(
        () => executor.close(),
        () => http.close(),
        // First of all: clients hear that they are to come back.
        () => transports.close(),
      );
      await http.listen();
      const presence = createPresence({
        mirror,
        isWatched: () => executor.subscriptionFields.includes('heartbeat'),
        beat: () =>
          startHeartbeatSender({
            service: SERVICE,
            instance: resolveInstanceId(config, config.GATEWAY_PORT),
            intervalMs,
            pubsub,
            condition: () => ({ others: refusedSubgraphs(executor) }),
          }),
      });
      presence.update();
      closers.push(() => presence.end());
      if (overrides.supergraphSdl !== undefined) return;
      const reload = async (sdl: string) => {
        await executor.reload(sdl);
        presence.update();
      };
      closers.push(watchSupergraph({ path: config.SUPERGRAPH, text: supergraphSdl, reload, logger }));
    },

    async stop() {
      for (const close of closers.splice(0).reverse()) await close();
    },
  };
}
