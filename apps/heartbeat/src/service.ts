import {
  hasAuthorization,
  createHttpServer,
  createIdentityService,
  createLogger,
  createPubSub,
  resolveInstanceId,
  serveSubgraph,
  startHeartbeatSender,
  type Service,
} from '@seguridad-abc/platform';
import type { HeartbeatConfig } from './config.js';
import { createHistoryArchive } from './db/history-archive.js';
import { createHistoryReader } from './db/history-reader.js';
import { createHistoryStore } from './db/history-store.js';
import { createMaintenanceStore } from './db/maintenance-store.js';
import { openHeartbeatDatabase } from './db/open.js';
import type { Moment } from './domain/moment.js';
import type { Context } from './graphql/context.js';
import { resolvers } from './graphql/resolvers.js';
import { keepCompact } from './history/keep-compact.js';
import { createHistoryQueries } from './history/queries.js';
import { createRecorder } from './history/recorder.js';
import { recallFrom } from './history/recall.js';
import { serveMaintenance } from './maintenance/maintenance-route.js';
import { createMonitor } from './monitor.js';

const SERVICE = 'heartbeat';

export interface HeartbeatOverrides {
  /** The receiver's two clocks. */
  readonly clock?: () => Moment;
  /** An instance that is down this long is forgotten while another one works. @default 60_000 // 1 minute */
  readonly forgetAfterMs?: number;
  /** How often it is written that the monitor watches. @default 10_000 // 10 seconds */
  readonly markEveryMs?: number;
  /** Told each SQL statement as it is run. */
  readonly onStatement?: (statement: string) => void;
}

const systemClock = (): Moment => ({ mono: performance.now(), wall: Date.now() });

/** Hears every process beat and tells how each service does; also while Redis is away, over HTTP then. */
export function createHeartbeat(config: HeartbeatConfig, overrides: HeartbeatOverrides = {}): Service {
  const { clock = systemClock, forgetAfterMs = 60_000, markEveryMs = 10_000 } = overrides;
  const logger = createLogger(SERVICE, config.LOG_LEVEL);
  const closers: (() => void | Promise<void>)[] = [];

  return {
    logger,

    async start() {
      const identity = createIdentityService(config, logger);
      const database = openHeartbeatDatabase(config.DATA_DIR, overrides.onStatement);
      closers.push(() => database.close());
      const maintenanceStore = createMaintenanceStore(database.db);
      const historyStore = createHistoryStore(database.db);
      const recorder = createRecorder(historyStore, logger);
      const recall = await recallFrom(historyStore, maintenanceStore, logger);

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
        recall,
        recorder,
        markEveryMs,
        onMaintenanceOver(service) {
          maintenanceStore.remove(service).catch((error: unknown) =>
            // It is over by its own time; only its row is left.
            logger.warn({ err: error, of: service }, 'a maintenance that is over could not be removed'),
          );
        },
        pubsub,
        clock,
        logger,
      });
      const http = createHttpServer({
        service: SERVICE,
        host: config.HOST,
        port: config.HEARTBEAT_PORT,
        identity,
        logger,
        readiness: () => ({
          ready: http.server.listening,
          checks: { redis: pubsub.subscriber.status, sees: monitor.sees },
        }),
      });
      http.app.get('/report', ({ headers }, response) => {
        identity.assertFromInstallation(headers);
        response.set('cache-control', 'no-store').json(monitor.report());
      });
      serveMaintenance({
        app: http.app,
        identity,
        monitor,
        store: maintenanceStore,
        now: () => clock().wall,
      });
      const historyReader = createHistoryReader(database.db);
      const server = await serveSubgraph({
        schemaFile: new URL('../schema.graphql', import.meta.url),
        resolvers,
        identity,
        authenticate: async (authorization) => {
          // Health is for every caller, and for those without a token where it is public.
          if (hasAuthorization(authorization) || !config.PUBLIC_STATUS)
            await identity.authenticate(authorization);
        },
        createContext: (): Context => ({
          services: monitor.report().services,
          history: createHistoryQueries(historyReader, clock().wall),
        }),
        http,
        logger,
      });
      closers.push(() => server.stop());
      closers.push(() => monitor.close());
      await http.listen();
      // Only now: a process that cannot have its port must not publish.
      monitor.start();
      const compacting = new AbortController();
      closers.push(() => compacting.abort());
      keepCompact({
        archive: createHistoryArchive(database.db),
        now: () => clock().wall,
        logger,
        signal: compacting.signal,
      });
      const stopBeating = startHeartbeatSender({
        service: SERVICE,
        instance: resolveInstanceId(config, config.HEARTBEAT_PORT),
        intervalMs: config.HEARTBEAT_INTERVAL_MS,
        pubsub,
        condition: () => ({ error: recorder.fault }),
      });
      closers.push(stopBeating);
    },

    // The goodbye first, then the report of it, then the rest.
    async stop() {
      for (const close of closers.reverse()) await close();
    },
  };
}
