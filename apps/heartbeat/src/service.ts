import {
  createHttp,
  createLogger,
  createPubSub,
  instanceId,
  serveSubgraph,
  startBeating,
  type Service,
} from '@seguridad-abc/platform';
import type { HeartbeatConfig } from './config.js';
import type { Moment } from './domain/moment.js';
import type { Context } from './graphql/context.js';
import { resolvers } from './graphql/resolvers.js';
import { createMonitor } from './monitor.js';

const SERVICE = 'heartbeat';

export interface HeartbeatOverrides {
  /** The receiver's two clocks. */
  readonly clock?: () => Moment;
  /** An instance that is down this long is forgotten while another one works. @default 60_000 // 1 minute */
  readonly forgetAfterMs?: number;
}

const systemClock = (): Moment => ({ mono: performance.now(), wall: Date.now() });

/** Hears every process beat and tells how each service does; also while Redis is away, over HTTP then. */
export function createHeartbeat(config: HeartbeatConfig, overrides: HeartbeatOverrides = {}): Service {
  const { clock = systemClock, forgetAfterMs = 60_000 } = overrides;
  const logger = createLogger(SERVICE, config.LOG_LEVEL);
  const closers: (() => void | Promise<void>)[] = [];

  return {
    logger,

    async start() {
      const pubsub = createPubSub(config.REDIS_URL, logger);
      closers.push(() => pubsub.close());
      const monitor = createMonitor({
        rules: {
          intervalMs: config.HEARTBEAT_INTERVAL_MS,
          expected: config.HEARTBEAT_EXPECTED,
          maxLoopDelayMs: config.HEARTBEAT_MAX_LOOP_DELAY_MS,
          maxLagEntries: config.HEARTBEAT_MAX_LAG_ENTRIES,
          forgetAfterMs,
        },
        pubsub,
        clock,
        logger,
      });
      const http = createHttp({
        service: SERVICE,
        host: config.HOST,
        port: config.HEARTBEAT_PORT,
        logger,
        readiness: () => ({
          ready: http.server.listening,
          checks: { redis: pubsub.subscriber.status, sees: monitor.sees },
        }),
      });
      http.app.get('/report', (_request, response) => {
        response.set('cache-control', 'no-store').json(monitor.report());
      });
      const server = await serveSubgraph({
        schemaFile: new URL('../schema.graphql', import.meta.url),
        resolvers,
        createContext: (): Context => ({ services: monitor.report().services }),
        http,
        logger,
      });
      closers.push(() => server.stop());
      closers.push(() => monitor.close());
      await http.listen();
      // Only now: a process that cannot have its port must not publish.
      monitor.start();
      const stopBeating = startBeating({
        service: SERVICE,
        instance: instanceId(config, config.HEARTBEAT_PORT),
        intervalMs: config.HEARTBEAT_INTERVAL_MS,
        pubsub,
      });
      closers.push(stopBeating);
    },

    // The goodbye first, then the report of it, then the rest.
    async stop() {
      for (const close of closers.reverse()) await close();
    },
  };
}
