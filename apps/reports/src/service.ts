import { join } from 'node:path';
import {
  addProcessMetrics,
  addRedisMetrics,
  addProblem,
  BYTES_PER_MEGABYTE,
  createHttpServer,
  createIdentityService,
  createLogger,
  createMetricsRegistry,
  createRedisPubSubClient,
  createRedisClient,
  resolveInstanceId,
  getLocalHostAndPort,
  readInstallationSecret,
  NO_RESEND_REDIS_OPTIONS,
  serveMetrics,
  serveSubgraph,
  startHeartbeatSender,
  startStorageWatch,
  tryDatabaseWrite,
  type Logger,
  type Service,
} from '@seguridad-abc/platform';
import { assertCanQuery } from './access/caller-access.js';
import { createSqliteProjectedAlarmRepository } from './alarms/sqlite-alarm-repository.js';
import { serveChanges } from './changes/change-routes.js';
import { createAuditClient } from './audit/audit-client.js';
import type { ReportsConfig } from './config.js';
import { createProjectionWaits } from './consistency/projection-waits.js';
import { openReportsDatabase } from './db/reports-database.js';
import { createSqliteProjectionStore } from './db/sqlite-projection-store.js';
import { serveDeadLetters } from './dead-letters/dead-letter-routes.js';
import { createSqliteDeviceListRepository } from './devices/sqlite-device-repository.js';
import { createContextFactory, createListCursors, createResponseExtensions } from './graphql/context.js';
import { resolvers } from './graphql/resolvers.js';
import { addReportsMetrics } from './metrics/reports-metrics.js';
import { createSqliteOpeningReader } from './openings/sqlite-opening-repository.js';
import { createProjectionLag } from './projector/log-lag.js';
import {
  createLogClient,
  createProjector,
  PROJECTOR_TIMING,
  type ProjectorTiming,
} from './projector/projector.js';
import { createChangePublisher, createReadModelUpdater } from './projector/read-model-updater.js';
import { createSqliteProjectedRuleRepository } from './rules/sqlite-rule-repository.js';
import { deriveServiceCondition } from './service-condition.js';
import { createSqliteKnownUserRepository } from './users/sqlite-known-user-repository.js';

const SERVICE = 'reports';
/** Timeout of a request for a page of monitoring's log. The projector is idle meanwhile. */
const LOG_TIMEOUT_MS = 2_000;

/** Replacements that tests pass to {@link createReportsService}. */
export interface ReportsServiceOverrides {
  readonly logger?: Logger;
  readonly timing?: Partial<ProjectorTiming>;
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
  /** Close functions of what is open, in the order of opening. `stop` runs them in reverse. */
  const stopSteps: (() => void | Promise<void>)[] = [];

  return {
    logger,

    async start() {
      const identity = createIdentityService(config, logger);
      const database = openReportsDatabase(config.DATA_DIR, overrides.onStatement);
      stopSteps.push(() => database.close());
      const storageWatch = startStorageWatch({
        folder: config.DATA_DIR,
        minFreeBytes: config.MIN_FREE_DISK_MB * BYTES_PER_MEGABYTE,
        tryWrite: () => tryDatabaseWrite(database.db),
        logger,
      });
      stopSteps.push(() => storageWatch.stop());
      const redis = createRedisClient(config.REDIS_URL, 'projector', logger, NO_RESEND_REDIS_OPTIONS);
      const pubsub = createRedisPubSubClient(config.REDIS_URL, logger);
      stopSteps.push(() => pubsub.close());

      const repositories = {
        rules: createSqliteProjectedRuleRepository(database.db),
        alarms: createSqliteProjectedAlarmRepository(database.db),
        openings: createSqliteOpeningReader(database.db),
        users: createSqliteKnownUserRepository(database.db),
        devices: createSqliteDeviceListRepository(database.db),
      };
      const waits = createProjectionWaits(() => writer.checkpoint);
      const store = createSqliteProjectionStore(database.db);
      const writer = createReadModelUpdater({
        store: { ...store, commit: (commit) => storageWatch.watchWrite(store.commit(commit)) },
        onCommitted: waits.announceCommit,
        publish: createChangePublisher(pubsub),
        logger,
      });
      await writer.load();
      const monitoringUrl =
        config.MONITORING_URL ?? `http://${getLocalHostAndPort(config.HOST, config.MONITORING_PORT)}`;
      const projectionLag = createProjectionLag(
        createLogClient(monitoringUrl, identity.installationHeaders, LOG_TIMEOUT_MS),
        pubsub.publisher,
        () => writer.checkpoint.position,
      );
      const projector = createProjector({
        writer,
        redis,
        readLogPage: projectionLag.readLogPage,
        readModelFile: join(config.DATA_DIR, 'reports.sqlite'),
        timing: { ...PROJECTOR_TIMING, ...overrides.timing },
        logger,
      });
      const projecting = projector.run(abort.signal);
      stopSteps.push(async () => {
        abort.abort();
        redis.disconnect();
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
            ready: projector.hasCaughtUp,
            checks: {
              ...storageWatch.checks,
              redis: redis.status,
              reads: streamProblem === undefined ? 'the stream' : 'the log over HTTP',
              position: writer.checkpoint.position,
              ...(lag && { behind: lag.entries, behindSeconds: lag.seconds }),
              setAside: writer.setAside.count,
              ...(projector.problem && { hindrance: projector.problem.reason }),
            },
          };
        },
      });
      serveDeadLetters({
        app: http.app,
        store,
        updater: writer,
        readLogPage: projectionLag.readLogPage,
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
        database,
        writer,
        projector,
        getLagEntries: () => projectionLag.lag?.entries,
        waits: waits.checkpointWaiter,
        now: Date.now,
      });
      serveMetrics({ http, registry: metrics, identity, metricsToken: config.METRICS_TOKEN });
      serveChanges(http.app, '/alarm-changes', repositories.alarms, identity);
      serveChanges(http.app, '/rule-changes', repositories.rules, identity);
      const server = await serveSubgraph({
        schemaFile: new URL('../schema.graphql', import.meta.url),
        resolvers,
        identity,
        authenticate: async (authorization) => assertCanQuery(await identity.authenticate(authorization)),
        createContext: createContextFactory({
          repositories,
          readAuditPage: createAuditClient(monitoringUrl, identity.installationHeaders),
          arrivals: waits.arrivals,
          cursors: createListCursors(readInstallationSecret(config.DATA_DIR, config.INSTALLATION_SECRET)),
          checkpointWaiter: waits.checkpointWaiter,
          waitMs: config.PROJECTION_WAIT_MS,
          limits: {
            rows: config.MAX_ROWS_PER_REQUEST,
            simulatedIntervals: config.MAX_SIMULATED_INTERVALS_PER_REQUEST,
          },
          now: Date.now,
        }),
        extensions: createResponseExtensions,
        http,
        logger,
      });
      stopSteps.push(
        () => server.stop(),
        () => waits.close(),
      );
      await http.listen();

      stopSteps.push(
        startHeartbeatSender({
          service: SERVICE,
          instance: resolveInstanceId(config, config.REPORTS_PORT),
          intervalMs: config.HEARTBEAT_INTERVAL_MS,
          pubsub,
          condition() {
            // The refreshed lag is in the next heartbeat: sending one does not wait for monitoring.
            void projectionLag.refresh();
            const condition = deriveServiceCondition({
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
      for (const close of stopSteps.splice(0).reverse()) await close();
    },
  };
}
