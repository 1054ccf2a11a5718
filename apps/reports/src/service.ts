import {
  addProcessMetrics,
  addRedisMetrics,
  addProblem,
  assertSharedIdentity,
  BYTES_PER_MEGABYTE,
  createHttpServer,
  drainForOtherInstances,
  createIdentityService,
  createLogger,
  createMetricsRegistry,
  createRedisPubSubClient,
  createRedisClient,
  resolveInstanceId,
  getLocalHostAndPort,
  getUrlHost,
  readInstallationSecret,
  NO_RESEND_REDIS_OPTIONS,
  serveMetrics,
  serveSubgraph,
  startHeartbeatSender,
  startStorageWatch,
  startTracing,
  type Logger,
  runStopSteps,
  TIME_ZONE_DATA_VERSION,
  type Service,
  type StopStep,
} from '@seguridad-abc/platform';
import { assertCanQuery } from './access/caller-access.js';
import { serveChanges } from './changes/change-routes.js';
import { createAuditClient } from './audit/audit-client.js';
import type { ReportsConfig } from './config.js';
import { createProjectionWaits } from './consistency/projection-waits.js';
import { serveDeadLetters } from './dead-letters/dead-letter-routes.js';
import { createContextFactory, createListCursors, createResponseExtensions } from './graphql/context.js';
import { resolvers } from './graphql/resolvers.js';
import { addReportsMetrics } from './metrics/reports-metrics.js';
import { createLogClient } from './projector/log-client.js';
import { startCatchUpWatch } from './projector/catch-up-watch.js';
import { createProjectionLag } from './projector/log-lag.js';
import { createProjector, PROJECTOR_TIMING, type ProjectorTiming } from './projector/projector.js';
import { createChangePublisher } from './projector/read-model-updater.js';
import { openCurrentReadModel } from './rebuild/current-read-model.js';
import {
  DAMAGE_DETECTION_TIMING,
  startDamageDetection,
  type DamageDetectionTiming,
} from './rebuild/damage-detection.js';
import { createReadModelRebuild, describeRebuild, getRebuildChecks } from './rebuild/read-model-rebuild.js';
import { serveRebuild } from './rebuild/rebuild-route.js';
import { deriveServiceCondition } from './service-condition.js';
import { createSnapshotDownload, type SnapshotDownloadTiming } from './snapshot/snapshot-client.js';
import { serveSnapshot } from './snapshot/snapshot-route.js';
import { createSnapshots, type SnapshotTiming } from './snapshot/snapshots.js';

const SERVICE = 'reports';
/** Timeout of a request for a page of monitoring's log. The projector is idle meanwhile. */
const LOG_TIMEOUT_MS = 2_000;
/** The same for a thread that waits for nothing else. */
const BULK_PAGE_TIMEOUT_MS = 10_000;
/** Heartbeats report a rebuild that takes longer. A short one disturbs nobody, as that of a new installation. */
const REPORTED_REBUILD_MS = 2_000;

/** Replacements that tests pass to {@link createReportsService}. */
export interface ReportsServiceOverrides {
  readonly logger?: Logger;
  readonly timing?: Partial<ProjectorTiming>;
  readonly damageDetectionTiming?: Partial<DamageDetectionTiming>;
  readonly snapshotTiming?: Partial<SnapshotTiming & SnapshotDownloadTiming>;
  /** A log with fewer entries is loaded without a thread. */
  readonly minBulkEntries?: number;
  /** Called with the text of each SQL statement that runs. */
  readonly onStatement?: (statement: string) => void;
}

/**
 * Creates the reports service. It projects monitoring's event log into a read model and answers queries from it.
 * Queries also work while Redis or monitoring is unavailable.
 */
export function createReportsService(
  config: ReportsConfig,
  overrides: ReportsServiceOverrides = {},
): Service {
  const logger = overrides.logger ?? createLogger(SERVICE, config.LOG_LEVEL);
  const abort = new AbortController();
  /** Close functions of what is open, in the order of opening. */
  const stopSteps: StopStep[] = [];
  let drain = () => Promise.resolve();

  return {
    logger,
    drain: () => drain(),

    async start() {
      const tracing = await startTracing(SERVICE, config, logger);
      stopSteps.push(() => tracing?.stop());
      const monitoringUrls = config.MONITORING_URL ?? [
        `http://${getLocalHostAndPort(config.HOST, config.MONITORING_PORT)}`,
      ];
      assertSharedIdentity(config, {
        MONITORING_URL: monitoringUrls.map((url) => getUrlHost(new URL(url))),
        REPORTS_PEERS: config.REPORTS_PEERS.map((url) => getUrlHost(new URL(url))),
      });
      const identity = createIdentityService(config, logger);
      const minFreeBytes = config.MIN_FREE_DISK_MB * BYTES_PER_MEGABYTE;
      const storageWatch = startStorageWatch({
        folder: config.DATA_DIR,
        minFreeBytes,
        tryWrite: () => readModel.tryWrite(),
        logger,
      });
      stopSteps.push(() => storageWatch.stop());
      const pubsub = createRedisPubSubClient(config, logger);
      stopSteps.push(() => pubsub.close());
      const waits = createProjectionWaits(() => readModel.writer.checkpoint);
      const changePublisher = createChangePublisher(pubsub, { tracing });
      const readModel = await openCurrentReadModel({
        folder: config.DATA_DIR,
        watchWrite: (write) => storageWatch.watchWrite(write),
        onCommitted: waits.announceCommit,
        publish: changePublisher.publish,
        tracing,
        onErased: () => snapshots.discard(),
        streamName: pubsub.names.logStream,
        onDamage: (reason) => void rebuild.start(reason),
        onReplaced() {
          // A snapshot of what was wrong would spread it.
          void snapshots.discard();
          // A snapshot of a peer may be ahead of what this instance has published.
          changePublisher.breakChains();
          waits.checkpointWaiter.notify();
          projector.restart();
          damageDetection.restart();
        },
        onStatement: overrides.onStatement,
        logger,
      });
      stopSteps.push(() => readModel.close());
      const { repositories, writer } = readModel;
      const snapshots = createSnapshots({
        readModelFile: readModel.file,
        snapshotFile: readModel.snapshotFile,
        minFreeBytes,
        timing: overrides.snapshotTiming ?? {},
        logger,
      });
      stopSteps.push(() => snapshots.discard());
      const projectionLag = createProjectionLag(
        createLogClient(monitoringUrls, identity.installationHeaders, LOG_TIMEOUT_MS),
        pubsub,
        () => writer.checkpoint.position,
      );
      const { readLogPage } = projectionLag;
      const rebuild = createReadModelRebuild({
        readModel,
        readLogPage,
        thread: {
          monitoringUrls,
          headers: identity.installationHeaders,
          pageTimeoutMs: BULK_PAGE_TIMEOUT_MS,
          logLevel: config.LOG_LEVEL,
        },
        minBulkEntries: overrides.minBulkEntries,
        downloadSnapshot: createSnapshotDownload({
          peers: config.REPORTS_PEERS,
          headers: identity.installationHeaders,
          minFreeBytes,
          timing: overrides.snapshotTiming ?? {},
          logger,
        }),
        logger,
      });
      stopSteps.push(() => rebuild.stop());
      const damageDetection = startDamageDetection({
        file: readModel.file,
        timing: { ...DAMAGE_DETECTION_TIMING, ...overrides.damageDetectionTiming },
        onDamage: (reason) => void rebuild.start(reason),
      });
      stopSteps.push(() => damageDetection.stop());
      const redis = createRedisClient(config, 'projector', logger, NO_RESEND_REDIS_OPTIONS);
      const projector = createProjector({
        writer,
        redis,
        streamName: pubsub.names.logStream,
        readLogPage,
        readModelFile: readModel.file,
        timing: { ...PROJECTOR_TIMING, ...overrides.timing },
        logger,
      });
      const catchUpWatch = startCatchUpWatch({
        projector,
        projectionLag,
        getCheckpoint: () => writer.checkpoint,
      });
      stopSteps.push(() => catchUpWatch.stop());
      const { rebuildReason } = readModel;
      const rebuilt = rebuildReason === undefined ? undefined : rebuild.start(rebuildReason);
      const project = async () => {
        // The projector would publish the changes of old events as new ones.
        if (readModel.isIncomplete) await rebuilt;
        await projector.run(abort.signal);
      };
      const projecting = project();
      stopSteps.push(async () => {
        abort.abort();
        redis.disconnect();
        // The projector may wait for it.
        await rebuild.stop();
        await projecting;
      });

      const http = createHttpServer({
        service: SERVICE,
        host: config.HOST,
        port: config.REPORTS_PORT,
        identity,
        logger,
        readiness() {
          const { lag } = projectionLag;
          const { streamProblem } = projector;
          return {
            ready: !readModel.isIncomplete && catchUpWatch.hasCaughtUp,
            checks: {
              ...storageWatch.checks,
              redis: redis.status,
              timeZoneData: TIME_ZONE_DATA_VERSION,
              reads: streamProblem === undefined ? 'the stream' : 'the log over HTTP',
              position: writer.checkpoint.position,
              ...(lag && { behind: lag.entries, behindSeconds: lag.seconds }),
              setAside: writer.setAside.count,
              ...(rebuild.progress && getRebuildChecks(rebuild.progress)),
              ...(projector.problem && { hindrance: projector.problem.reason }),
            },
          };
        },
      });
      serveDeadLetters({
        app: http.app,
        updater: writer,
        readLogPage,
        identity,
      });
      const metrics = createMetricsRegistry();
      stopSteps.push(addProcessMetrics(metrics, SERVICE, logger));
      addRedisMetrics(
        metrics,
        {
          projector: () => redis.status,
          publisher: () => pubsub.publisher.status,
          subscriber: () => pubsub.subscriber.status,
        },
        pubsub,
      );
      addReportsMetrics(metrics, {
        database: readModel,
        writer,
        projector,
        catchUpWatch,
        getLag: () => projectionLag.lag,
        waits: waits.checkpointWaiter,
      });
      serveMetrics({ http, registry: metrics, identity, metricsToken: config.METRICS_TOKEN });
      const isIncomplete = () => readModel.isIncomplete;
      serveChanges(http.app, '/alarm-changes', repositories.alarms, identity, isIncomplete);
      serveChanges(http.app, '/rule-changes', repositories.rules, identity, isIncomplete);
      serveRebuild(http.app, rebuild, identity);
      serveSnapshot({
        app: http.app,
        snapshots,
        identity,
        findUnfitness() {
          if (readModel.isIncomplete) return 'it lacks events';
          if (rebuild.progress) return 'it is being built again';
          return readModel.isOfThisVersion ? undefined : 'it is of another software version';
        },
        getLogId: () => writer.checkpoint.logId,
        logger,
      });
      const server = await serveSubgraph({
        schemaFile: new URL('../schema.graphql', import.meta.url),
        resolvers,
        identity,
        authenticate: async (authorization) => assertCanQuery(await identity.authenticate(authorization)),
        createContext: createContextFactory({
          repositories,
          readAuditPage: createAuditClient(monitoringUrls, identity.installationHeaders),
          arrivals: waits.arrivals,
          cursors: createListCursors(readInstallationSecret(config.DATA_DIR, config.INSTALLATION_SECRET)),
          checkpointWaiter: waits.checkpointWaiter,
          completeness: {
            waitUntilComplete: (ms) => readModel.waitUntilComplete(ms),
            get incompleteSince() {
              return rebuild.firstEventAt;
            },
          },
          waitMs: config.PROJECTION_WAIT_MS,
          limits: {
            rows: config.MAX_ROWS_PER_REQUEST,
            simulatedIntervals: config.MAX_SIMULATED_INTERVALS_PER_REQUEST,
          },
          now: Date.now,
        }),
        extensions: createResponseExtensions,
        http,
        tracing,
        logger,
      });
      stopSteps.push(
        () => server.stop(),
        () => waits.close(),
      );
      // Most logs are loaded at once. With monitoring away, or a long log, requests are answered meanwhile.
      await rebuild.waitUntilBegun();
      await http.listen();
      drain = () => drainForOtherInstances(http);

      stopSteps.push(
        startHeartbeatSender({
          service: SERVICE,
          instance: resolveInstanceId(config, config.REPORTS_PORT),
          intervalMs: config.HEARTBEAT_INTERVAL_MS,
          pubsub,
          condition() {
            // The refreshed lag is in the next heartbeat: sending one does not wait for monitoring.
            void projectionLag.refresh();
            const { progress } = rebuild;
            const isLong = progress && performance.now() - progress.startedAt > REPORTED_REBUILD_MS;
            const condition = deriveServiceCondition({
              rebuild: isLong ? describeRebuild(progress) : undefined,
              position: writer.checkpoint.position,
              lag: projectionLag.lag,
              problem: projector.problem,
              // The loss of the connection is not a problem of this service.
              streamProblem: redis.status === 'ready' ? projector.streamProblem : undefined,
              setAside: writer.setAside,
            });
            const { logId, position } = writer.checkpoint;
            return {
              ...addProblem(condition, storageWatch.problem),
              ...(logId !== null && { log: { id: logId, projected: position } }),
            };
          },
        }),
      );
    },

    async stop() {
      await runStopSteps(stopSteps);
    },
  };
}
