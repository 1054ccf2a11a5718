import {
  createHttpServer,
  createIdentityService,
  createLogger,
  createPubSub,
  createRedis,
  createNotifier,
  resolveInstanceId,
  NO_RESEND_OPTIONS,
  serveSubgraph,
  startHeartbeatSender,
  type Service,
} from '@seguridad-abc/platform';
import { v7 as uuidv7 } from 'uuid';
import { commandsFactory } from './commands/commands.js';
import { forgetKeysRegularly } from './commands/forget-keys.js';
import type { MonitoringConfig } from './config.js';
import { createEventLog } from './db/event-log.js';
import { openMonitoringDatabase } from './db/open.js';
import { commandExtensions } from './graphql/command-extensions.js';
import { contextFactory } from './graphql/context.js';
import { resolvers } from './graphql/resolvers.js';
import { serveLog } from './log/log-route.js';
import { createRelay } from './log/relay.js';
import { createStores } from './stores.js';

const SERVICE = 'monitoring';

export interface MonitoringOverrides {
  /** The server's clock. */
  readonly now?: () => string;
}

/** Takes commands, keeps the event log, and relays it to Redis. Commands go on while Redis is away. */
export function createMonitoring(config: MonitoringConfig, overrides: MonitoringOverrides = {}): Service {
  const { now = () => new Date().toISOString() } = overrides;
  const logger = createLogger(SERVICE, config.LOG_LEVEL);
  const abort = new AbortController();
  const closers: (() => void | Promise<void>)[] = [];

  return {
    logger,

    async start() {
      const identity = createIdentityService(config, logger);
      const database = openMonitoringDatabase(config.DATA_DIR);
      closers.push(() => database.close());
      const appended = createNotifier();
      const log = createEventLog(database.db);
      const stores = createStores(database.db, {
        maxGroup: config.GROUP_COMMIT_MAX,
        allowanceMs: config.LATENESS_ALLOWANCE_MS,
        zoneData: process.versions['tz'] ?? '',
        now,
        appended: () => appended.notify(),
        logger,
      });
      const commandsOf = commandsFactory({ ...stores, now, newId: uuidv7 });
      closers.push(await forgetKeysRegularly(stores, now, logger));
      stores.timekeeper.start();
      closers.push(() => stores.timekeeper.stop());

      const redis = createRedis(config.REDIS_URL, 'relay', logger, NO_RESEND_OPTIONS);
      const pubsub = createPubSub(config.REDIS_URL, logger);
      closers.push(
        () => redis.disconnect(),
        () => pubsub.close(),
      );
      const relay = createRelay({ outbox: log, redis, appended, maxLength: config.STREAM_MAX_LENGTH, logger });
      const relaying = relay.run(abort.signal);
      closers.push(async () => {
        abort.abort();
        await relaying;
      });

      const http = createHttpServer({
        service: SERVICE,
        host: config.HOST,
        port: config.MONITORING_PORT,
        identity,
        logger,
        readiness: () => ({
          ready: true,
          checks: {
            redis: redis.status,
            unrelayed: relay.lag,
            ...(relay.position !== undefined && { relayed: relay.position }),
          },
        }),
      });
      serveLog(http.app, log, identity);
      const server = await serveSubgraph({
        schemaFile: new URL('../schema.graphql', import.meta.url),
        resolvers,
        identity,
        authenticate: (authorization) => identity.authenticate(authorization),
        createContext: contextFactory(commandsOf, stores),
        extensions: commandExtensions(log, now),
        http,
        logger,
      });
      closers.push(() => server.stop());
      await http.listen();

      const stopBeating = startHeartbeatSender({
        service: SERVICE,
        instance: resolveInstanceId(config, config.MONITORING_PORT),
        intervalMs: config.HEARTBEAT_INTERVAL_MS,
        pubsub,
        condition: () => ({
          error: relay.blocked,
          lag: { entries: relay.lag, what: 'log entries not yet relayed' },
        }),
      });
      closers.push(stopBeating);
    },

    async stop() {
      for (const close of closers.reverse()) await close();
    },
  };
}
