import {
  addProcessMetrics,
  addRedisMetrics,
  addProblem,
  assertSharedIdentity,
  createDeviceIdentity,
  createHttpServer,
  drainForOtherInstances,
  createIdentityService,
  createLogger,
  createMetricsRegistry,
  createRedisPubSubClient,
  createRedisClient,
  readInstallationSecret,
  resolveInstanceId,
  NO_RESEND_REDIS_OPTIONS,
  serveMetrics,
  serveSubgraph,
  startHeartbeatSender,
  startStorageWatch,
  startTracing,
  BYTES_PER_MEGABYTE,
  runStopSteps,
  TIME_ZONE_DATA_VERSION,
  type Service,
  type StopStep,
} from '@seguridad-abc/platform';
import { v7 as uuidv7 } from 'uuid';
import { createAlarmCommands } from './alarms/alarm-commands.js';
import { startAuditRetention } from './audit/audit-retention.js';
import { nameUserOfDevice, serveAuditRoutes } from './audit/audit-routes.js';
import { createAuditedCommands } from './audit/audited-commands.js';
import { createCalendarCommands } from './calendars/calendar-commands.js';
import { createHolidayFinder } from './calendars/holidays.js';
import { readServerInstant } from './commands/execute-command.js';
import { createTracedCommands } from './commands/traced-commands.js';
import { serveCompaction } from './compaction/compaction-routes.js';
import { getRetentionHorizon, startLogRetention } from './compaction/log-retention.js';
import { allowsUnboundDeviceTokens, getQuotas, type MonitoringConfig } from './config.js';
import { createDeviceCommands } from './devices/device-commands.js';
import { createSenderAuthentication } from './devices/sender-authentication.js';
import { startIdempotencyKeyExpiry } from './db/idempotency-keys.js';
import { createErasureCommands } from './erasure/erasure-commands.js';
import { exportUserData } from './erasure/user-data-export.js';
import { serveUserRoutes } from './erasure/user-routes.js';
import { createExceptionCommands } from './exceptions/exception-commands.js';
import { createContextFactory, createResponseExtensions, resolvers } from './graphql/resolvers.js';
import { runWhileLeading, type LeaderWork } from './leadership/leadership.js';
import { createLogStatus } from './log/log-status.js';
import { serveLog } from './log/log-route.js';
import { createOutboxRelay, createWakeUpSignal, type OutboxRelay } from './log/relay.js';
import { addMonitoringMetrics } from './metrics/monitoring-metrics.js';
import { createReadingCommands } from './readings/reading-commands.js';
import { createRuleCommands } from './rules/rule-commands.js';
import { openServiceDatabase } from './service-database.js';
import { createMonitoringStorage } from './storage.js';

const SERVICE = 'monitoring';

export interface MonitoringServiceOverrides {
  /** The server's clock: an instant in UTC with milliseconds. @default the clock of this machine */
  readonly now?: () => string;
}

/**
 * The monitoring service: executes commands, evaluates readings against rules, and relays the event log to Redis. Commands work
 * while Redis is unavailable.
 */
export function createMonitoringService(
  config: MonitoringConfig,
  overrides: MonitoringServiceOverrides = {},
): Service {
  const { now = readServerInstant } = overrides;
  const logger = createLogger(SERVICE, config.LOG_LEVEL);
  const closers: StopStep[] = [];
  let drain = () => Promise.resolve();

  return {
    logger,
    drain: () => drain(),

    async start() {
      const tracing = await startTracing(SERVICE, config, logger);
      closers.push(() => tracing?.stop());
      assertSharedIdentity(config, {
        REDIS_SENTINELS: (config.REDIS_SENTINELS ?? []).map(({ host }) => host),
      });
      const identity = createIdentityService(config, logger);
      const deviceIdentity = createDeviceIdentity(() =>
        readInstallationSecret(config.DATA_DIR, config.INSTALLATION_SECRET),
      );
      const stored = await openServiceDatabase(config, logger);
      const { database, leadership } = stored;
      closers.push(() => stored.close());
      const storageWatch = startStorageWatch({
        ...stored.watch,
        minFreeBytes: config.MIN_FREE_DISK_MB * BYTES_PER_MEGABYTE,
        logger,
      });
      closers.push(() => storageWatch.stop());
      const appended = createWakeUpSignal();
      const quotas = getQuotas(config);
      const storage = await createMonitoringStorage(database, {
        maxGroupSize: config.GROUP_COMMIT_MAX,
        latenessAllowanceMs: config.LATENESS_ALLOWANCE_MS,
        quotas,
        zoneDataVersion: TIME_ZONE_DATA_VERSION,
        now,
        appended: {
          notify() {
            appended.notify();
            // The relay and the scheduler of the leader work on what is committed here.
            if (!leadership.isLeader()) stored.notifyOthers();
          },
        },
        leadership,
        storageWatch,
        tracing,
        logger,
      });
      closers.push(() => storage.deviceActivity.flush());
      const { eventLog, scheduler, auditTrail, auditSummaries, erasures } = storage;
      const problems = await auditTrail.verifyEnds();
      if (problems.length > 0) logger.error({ problems }, 'the audit trail was changed: see docs/audit.md');
      closers.push(async () => {
        auditSummaries.flush();
        // Resolves after the entries that were just emitted: the database closes next.
        await storage.appendAuditEntries([]);
      });
      closers.push(
        startAuditRetention({
          retentionDays: config.AUDIT_RETENTION_DAYS,
          onElected: (listener) => leadership.onElected(listener),
          prune: (...args) => storage.pruneAuditTrail(...args),
          now,
          logger,
        }),
      );
      const archiveFolder = config.LOG_ARCHIVE_FOLDER || undefined;
      closers.push(
        () => storage.compaction.stop(),
        startLogRetention({
          retentionDays: config.LOG_RETENTION_DAYS,
          archiveFolder,
          compaction: storage.compaction,
          leadership,
          now,
          logger,
        }),
      );
      const auditedCommands = createAuditedCommands(
        {
          ...createRuleCommands(storage.rules, uuidv7),
          ...createCalendarCommands(storage.calendars, createHolidayFinder(), uuidv7),
          ...createExceptionCommands(storage.exceptions, uuidv7),
          ...createReadingCommands(storage.readings, {
            hasOpening: storage.hasOpening,
            quotas: storage.readingQuotas,
            latenessMs: quotas.latenessMs,
            notBefore: config.READINGS_NOT_BEFORE,
            horizon: storage.horizon,
            now,
          }),
          ...createAlarmCommands(storage.alarms),
          ...createDeviceCommands(storage.devices, {
            createId: uuidv7,
            deriveKey: (id) => deviceIdentity.deriveKey(id),
          }),
          ...createErasureCommands(erasures),
        },
        auditSummaries,
      );
      const commands = tracing ? createTracedCommands(auditedCommands, tracing) : auditedCommands;
      closers.push(
        await startIdempotencyKeyExpiry((instant) => storage.deleteKeysBefore(instant), now, logger),
      );
      closers.push(
        runWhileLeading(leadership, {
          start: () => scheduler.start(),
          stop: () => scheduler.stop(),
        }),
        await stored.onOthersCommitted(() => {
          if (!leadership.isLeader()) return;
          appended.notify();
          scheduler.notifyOfCommits();
        }),
      );

      const redis = createRedisClient(config, 'relay', logger, NO_RESEND_REDIS_OPTIONS);
      const pubsub = createRedisPubSubClient(config, logger);
      closers.push(
        () => redis.disconnect(),
        () => pubsub.close(),
      );
      const relay = createOutboxRelay({
        eventLog,
        redis,
        stream: pubsub.names.logStream,
        fenceKey: pubsub.names.logFenceKey,
        appended,
        maxLength: config.STREAM_MAX_LENGTH,
        maxBytes: config.STREAM_MAX_BYTES,
        tracing,
        logger,
      });
      closers.push(runWhileLeading(leadership, createRelayWork(relay)));

      const logStatus = createLogStatus(eventLog, relay);
      erasures.start(relay);
      closers.push(() => erasures.stop());

      const http = createHttpServer({
        service: SERVICE,
        host: config.HOST,
        port: config.MONITORING_PORT,
        identity,
        logger,
        readiness() {
          const { lag, position, problem } = relay;
          return {
            // A service that cannot store anything refuses every command.
            ready: storageWatch.canWrite,
            checks: {
              ...storageWatch.checks,
              leads: String(leadership.isLeader()),
              redis: redis.status,
              timeZoneData: TIME_ZONE_DATA_VERSION,
              unrelayed: lag?.entries ?? 'unknown',
              ...(lag && { unrelayedSeconds: lag.seconds }),
              ...(position !== undefined && { relayed: position }),
              ...(logStatus.lastPublishAt !== undefined && { lastPublish: logStatus.lastPublishAt }),
              ...(problem && { hindrance: problem.reason }),
            },
          };
        },
      });
      const metrics = createMetricsRegistry();
      closers.push(addProcessMetrics(metrics, SERVICE, logger));
      addRedisMetrics(
        metrics,
        {
          relay: () => redis.status,
          publisher: () => pubsub.publisher.status,
          subscriber: () => pubsub.subscriber.status,
        },
        pubsub,
      );
      addMonitoringMetrics(metrics, { ...storage, database, leadership, relay, now });
      serveMetrics({ http, registry: metrics, identity, metricsToken: config.METRICS_TOKEN });
      serveLog(http.app, eventLog, identity);
      serveCompaction({
        app: http.app,
        identity,
        compaction: storage.compaction,
        isLeader: () => leadership.isLeader(),
        getDefaultHorizon: () => getRetentionHorizon(config.LOG_RETENTION_DAYS, now()),
        defaultArchiveFolder: archiveFolder,
        logger,
      });
      serveAuditRoutes({
        app: http.app,
        identity,
        auditTrail,
        appendSummaries: async (summaries, batch) =>
          storage.appendSummaries(
            await Promise.all(summaries.map((summary) => nameUserOfDevice(summary, storage.findDevice))),
            batch,
          ),
      });
      serveUserRoutes({
        app: http.app,
        identity,
        erasures,
        async *exportUserData(userId) {
          // When devices were last seen may be in memory only.
          await storage.deviceActivity.flush();
          yield* exportUserData(database.reader, auditTrail, userId);
        },
        audit: (record) => storage.appendAuditEntries([record]),
      });
      const server = await serveSubgraph({
        schemaFile: new URL('../schema.graphql', import.meta.url),
        resolvers,
        identity,
        authenticate: createSenderAuthentication({
          identity,
          deviceIdentity,
          findDevice: storage.findDevice,
          activity: storage.deviceActivity,
          allowsUnboundDeviceTokens: allowsUnboundDeviceTokens(config),
          auditSummaries,
          logger,
        }),
        createContext: createContextFactory(commands, storage),
        extensions: createResponseExtensions(eventLog, now),
        http,
        tracing,
        logger,
      });
      closers.push(() => server.stop());
      await http.listen();
      drain = () => drainForOtherInstances(http);

      const stopHeartbeats = startHeartbeatSender({
        service: SERVICE,
        instance: resolveInstanceId(config, config.MONITORING_PORT),
        intervalMs: config.HEARTBEAT_INTERVAL_MS,
        pubsub,
        condition: () => ({
          ...addProblem(relay.getCondition(), storageWatch.problem),
          log: logStatus.refresh(),
        }),
      });
      closers.push(stopHeartbeats);
    },

    async stop() {
      await runStopSteps(closers);
    },
  };
}

/** Runs the relay between a start and a stop. */
function createRelayWork(relay: Pick<OutboxRelay, 'run'>): LeaderWork {
  let abort = new AbortController();
  let running = Promise.resolve();
  return {
    start() {
      abort = new AbortController();
      running = relay.run(abort.signal);
    },
    async stop() {
      abort.abort();
      await running;
    },
  };
}
