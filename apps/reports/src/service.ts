import { join } from 'node:path';
import {
  createHttpServer,
  createIdentityService,
  createLogger,
  createPubSub,
  createRedis,
  resolveInstanceId,
  localHostAndPort,
  NO_RESEND_OPTIONS,
  serveSubgraph,
  startHeartbeatSender,
  type Logger,
  type Service,
} from '@seguridad-abc/platform';
import { serveAlarmChanges } from './changes/alarm-changes-route.js';
import { createChangePublisher } from './changes/change-publisher.js';
import { conditionOf } from './condition.js';
import type { ReportsConfig } from './config.js';
import { createAlarmChanges } from './db/alarm-changes.js';
import { createAlarmReader } from './db/alarm-reader.js';
import { openReportsDatabase } from './db/open.js';
import { createOpeningReader } from './db/opening-reader.js';
import { createProjectionStore } from './db/projection-store.js';
import { createRuleReader } from './db/rule-reader.js';
import { answerExtensions, assertReader, contextFactory } from './graphql/context.js';
import { resolvers } from './graphql/resolvers.js';
import { createLogClient, createStreamLag } from './projector/log-sources.js';
import { createProjectionWriter } from './projector/projection-writer.js';
import { createProjector, PROJECTOR_TIMING, type ProjectorTiming } from './projector/projector.js';
import { createArrivals } from './queries/arrivals.js';
import { createProgress } from './queries/progress.js';
import { queriesFactory } from './queries/queries.js';

const SERVICE = 'reports';
const LOG_TIMEOUT_MS = 2_000;

export interface ReportsOverrides {
  readonly logger?: Logger;
  readonly timing?: Partial<ProjectorTiming>;
  /** Told each SQL statement as it is run. */
  readonly onStatement?: (statement: string) => void;
}

/** Projects monitoring's log into a read model and answers queries from it, also while Redis or monitoring is away. */
export function createReports(config: ReportsConfig, overrides: ReportsOverrides = {}): Service {
  const logger = overrides.logger ?? createLogger(SERVICE, config.LOG_LEVEL);
  const abort = new AbortController();
  /** In the order in which things were opened; they are closed the other way round. */
  const closers: (() => void | Promise<void>)[] = [];

  return {
    logger,

    async start() {
      const identity = createIdentityService(config, logger);
      const database = openReportsDatabase(config.DATA_DIR, overrides.onStatement);
      closers.push(() => database.close());
      const redis = createRedis(config.REDIS_URL, 'projector', logger, NO_RESEND_OPTIONS);
      const pubsub = createPubSub(config.REDIS_URL, logger);
      closers.push(() => pubsub.close());

      const arrivals = { rules: createArrivals(), alarms: createArrivals(), users: createArrivals() };
      const writer = createProjectionWriter({
        store: createProjectionStore(database.db),
        onCommitted({ rules, openings, alarms }) {
          progress.announce();
          arrivals.rules.announce(rules.map(({ state }) => state.id));
          arrivals.alarms.announce(alarms.map(({ state }) => state.id));
          arrivals.users.announce(openings.map(({ userId }) => userId));
        },
        publish: createChangePublisher(pubsub),
        logger,
      });
      const progress = createProgress(() => writer.checkpoint);
      await writer.load();
      const monitoringUrl =
        config.MONITORING_URL ?? `http://${localHostAndPort(config.HOST, config.MONITORING_PORT)}`;
      const projector = createProjector({
        writer,
        redis,
        readLogPage: createLogClient(monitoringUrl, identity.installationHeaders, LOG_TIMEOUT_MS),
        readModelFile: join(config.DATA_DIR, 'reports.sqlite'),
        timing: { ...PROJECTOR_TIMING, ...overrides.timing },
        logger,
      });
      const projecting = projector.run(abort.signal);
      closers.push(async () => {
        abort.abort();
        redis.disconnect();
        await projecting;
      });

      const lag = createStreamLag(pubsub.publisher, () => writer.checkpoint.position);
      const http = createHttpServer({
        service: SERVICE,
        host: config.HOST,
        port: config.REPORTS_PORT,
        identity,
        logger,
        readiness: () => ({
          // While Redis is away there is nothing to catch up with, and queries can be answered.
          ready: projector.hasCaughtUp || projector.isRedisAway,
          checks: {
            redis: redis.status,
            position: writer.checkpoint.position,
            ...(lag.entries !== undefined && { behind: lag.entries }),
            setAside: writer.setAside.count,
            ...(projector.problem && { hindrance: projector.problem.reason }),
          },
        }),
      });
      serveAlarmChanges(http.app, createAlarmChanges(database.db), identity);
      const newQueries = queriesFactory({
        readers: {
          rules: createRuleReader(database.db),
          alarms: createAlarmReader(database.db),
          openings: createOpeningReader(database.db),
        },
        arrivals,
        now: Date.now,
      });
      const server = await serveSubgraph({
        schemaFile: new URL('../schema.graphql', import.meta.url),
        resolvers,
        identity,
        authenticate: async (authorization) => assertReader(await identity.authenticate(authorization)),
        createContext: contextFactory({
          newQueries,
          progress,
          waitMs: config.PROJECTION_WAIT_MS,
          now: Date.now,
        }),
        extensions: answerExtensions,
        http,
        logger,
      });
      closers.push(
        () => server.stop(),
        () => arrivals.rules.close(),
        () => arrivals.alarms.close(),
        () => arrivals.users.close(),
        () => progress.close(),
      );
      await http.listen();

      closers.push(
        startHeartbeatSender({
          service: SERVICE,
          instance: resolveInstanceId(config, config.REPORTS_PORT),
          intervalMs: config.HEARTBEAT_INTERVAL_MS,
          pubsub,
          condition() {
            // For the next beat: a beat does not wait.
            void lag.refresh();
            return conditionOf({
              hindrance: projector.problem,
              setAside: writer.setAside,
              behind: lag.entries,
            });
          },
        }),
      );
    },

    async stop() {
      for (const close of closers.splice(0).reverse()) await close();
    },
  };
}
