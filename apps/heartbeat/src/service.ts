import type { ClockReading } from '@seguridad-abc/contracts';
import {
  addProcessMetrics,
  addRedisMetrics,
  addProblem,
  BYTES_PER_MEGABYTE,
  assertSharedIdentity,
  createHttpServer,
  drainForOtherInstances,
  createIdentityService,
  createLogger,
  createMetricsRegistry,
  createRedisPubSubClient,
  hasAuthorization,
  resolveInstanceId,
  serveMetrics,
  serveSubgraph,
  startHeartbeatSender,
  startStorageWatch,
  runStopSteps,
  startTracing,
  type Service,
  type StopStep,
} from '@seguridad-abc/platform';
import type { HeartbeatConfig } from './config.js';
import type { Context } from './graphql/context.js';
import { resolvers } from './graphql/resolvers.js';
import { startHistoryCompaction } from './history/history-compaction.js';
import { addUnsavedTransitions, createHealthHistoryQueries } from './history/history-queries.js';
import { serveMaintenanceRoutes } from './maintenance/maintenance-routes.js';
import { addHeartbeatMetrics } from './metrics/heartbeat-metrics.js';
import { createHealthMonitor } from './monitor/health-monitor.js';
import { loadRestoredMonitorData } from './monitor/health-recorder.js';
import { openServiceDatabase } from './service-database.js';

const SERVICE = 'heartbeat';

/** Values that tests replace. */
export interface HeartbeatServiceOverrides {
  /** @default the clocks of this machine */
  readonly readClock?: () => ClockReading;
  /** A DOWN instance is removed after this time, if another one works. @default 60_000 // 1 minute */
  readonly forgetAfterMs?: number;
  /** How often the health is saved without a change. @default 10_000 // 10 seconds */
  readonly saveIntervalMs?: number;
  /** How often the file of the database is looked at. @default 2_000 // 2 seconds */
  readonly fileCheckMs?: number;
  /** Receives each SQL statement when it runs. */
  readonly onStatement?: (statement: string) => void;
}

const readSystemClock = (): ClockReading => ({ monotonicMs: performance.now(), wallMs: Date.now() });

/**
 * Creates the heartbeat service. It receives the heartbeats of every process and reports the health of every service over
 * Redis, GraphQL and `GET /report`. While Redis is unreachable, HTTP still works.
 */
export function createHeartbeatService(
  config: HeartbeatConfig,
  overrides: HeartbeatServiceOverrides = {},
): Service {
  const { readClock = readSystemClock, forgetAfterMs = 60_000, saveIntervalMs = 10_000 } = overrides;
  const { fileCheckMs = 2_000 } = overrides;
  const readWallClock = () => readClock().wallMs;
  const logger = createLogger(SERVICE, config.LOG_LEVEL);
  const stopSteps: StopStep[] = [];
  let drain = () => Promise.resolve();

  return {
    logger,
    drain: () => drain(),

    async start() {
      const tracing = await startTracing(SERVICE, config, logger);
      stopSteps.push(() => tracing?.stop());
      assertSharedIdentity(config, {
        REDIS_SENTINELS: (config.REDIS_SENTINELS ?? []).map(({ host }) => host),
      });
      const identity = createIdentityService(config, logger);
      const database = await openServiceDatabase(config, {
        fileCheckMs,
        onEmptied() {
          // The monitor saves the health itself.
          monitor.saveMaintenanceAgain();
        },
        onLateMaintenance: (records) => monitor.restoreMaintenance(records),
        onStatement: overrides.onStatement,
        readWallClock,
        logger,
      });
      stopSteps.push(() => database.close());
      const { history, maintenance } = database;
      const storageWatch = startStorageWatch({
        ...database.watch,
        minFreeBytes: config.MIN_FREE_DISK_MB * BYTES_PER_MEGABYTE,
        logger,
      });
      stopSteps.push(() => storageWatch.stop());
      const restored = await loadRestoredMonitorData(history, maintenance, logger);

      const pubsub = createRedisPubSubClient(config, logger);
      stopSteps.push(() => pubsub.close());
      const monitor = createHealthMonitor({
        thresholds: {
          intervalMs: config.HEARTBEAT_INTERVAL_MS,
          expectedServices: config.HEARTBEAT_EXPECTED,
          maxLoopDelayMs: config.HEARTBEAT_MAX_LOOP_DELAY_MS,
          maxLagEntries: config.HEARTBEAT_MAX_LAG_ENTRIES,
          maxClockSkewMs: config.HEARTBEAT_MAX_CLOCK_SKEW_MS,
          maxStallMs: config.HEARTBEAT_MAX_STALL_MS,
          forgetAfterMs,
        },
        restored,
        history: { save: (...args) => storageWatch.watchWrite(history.save(...args)) },
        saveIntervalMs,
        saveMaintenance: (record) => maintenance.save(record),
        removeMaintenance: (record) => maintenance.remove(record),
        pubsub,
        readClock,
        logger,
      });
      const currentHistory = addUnsavedTransitions(history, () => monitor.unsavedTransitions);
      const http = createHttpServer({
        service: SERVICE,
        host: config.HOST,
        port: config.HEARTBEAT_PORT,
        identity,
        logger,
        readiness: () => ({
          ready: http.server.listening,
          checks: {
            ...storageWatch.checks,
            redis: pubsub.subscriber.status,
            sees: monitor.isReceiving,
            speaks: monitor.speakerTerm !== undefined,
            ...(database.damagedFile !== undefined && { damagedFile: database.damagedFile }),
          },
        }),
      });
      const metrics = createMetricsRegistry();
      stopSteps.push(addProcessMetrics(metrics, SERVICE, logger));
      addRedisMetrics(
        metrics,
        {
          publisher: () => pubsub.publisher.status,
          subscriber: () => pubsub.subscriber.status,
        },
        pubsub,
      );
      addHeartbeatMetrics(metrics, {
        database,
        saveDurations: monitor.saveDurations,
        createReport: () => monitor.createReport(),
        isReceiving: () => monitor.isReceiving,
        isSpeaking: () => monitor.speakerTerm !== undefined,
        getWriteError: () => monitor.getCondition().error,
      });
      serveMetrics({ http, registry: metrics, identity, metricsToken: config.METRICS_TOKEN });
      http.app.get('/report', ({ headers }, response) => {
        identity.assertFromInstallation(headers);
        response.set('cache-control', 'no-store').json(monitor.createReport());
      });
      serveMaintenanceRoutes({ app: http.app, identity, monitor, readWallClock });
      const server = await serveSubgraph({
        schemaFile: new URL('../schema.graphql', import.meta.url),
        resolvers,
        identity,
        authenticate: async (authorization) => {
          // Every caller may read health. Without a token, only if the status is public.
          if (hasAuthorization(authorization) || !config.PUBLIC_STATUS)
            await identity.authenticate(authorization);
        },
        createContext: (): Context => ({
          services: monitor.createReport().services,
          history: createHealthHistoryQueries(currentHistory, readWallClock()),
        }),
        http,
        tracing,
        logger,
      });
      stopSteps.push(() => server.stop());
      stopSteps.push(() => monitor.close());
      await http.listen();
      drain = () => drainForOtherInstances(http);
      // Start after listening: a process that cannot open its port must not publish reports.
      monitor.start();
      const compaction = new AbortController();
      stopSteps.push(() => compaction.abort());
      startHistoryCompaction({ history, readWallClock, logger, signal: compaction.signal });
      const stopHeartbeatSender = startHeartbeatSender({
        service: SERVICE,
        instance: resolveInstanceId(config, config.HEARTBEAT_PORT),
        intervalMs: config.HEARTBEAT_INTERVAL_MS,
        pubsub,
        condition: () =>
          addProblem(addProblem(monitor.getCondition(), database.problem), storageWatch.problem),
      });
      stopSteps.push(stopHeartbeatSender);
    },

    // Closes in reverse order. The last heartbeat is sent first, so that the last report includes it.
    async stop() {
      await runStopSteps(stopSteps);
    },
  };
}
