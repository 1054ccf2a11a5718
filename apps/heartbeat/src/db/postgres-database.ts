import { setTimeout as delay } from 'node:timers/promises';
import {
  createPostgresConnection,
  createPostgresReaders,
  delegateCalls,
  migratePostgres,
  parsePostgresUrl,
  PostgresConnectionError,
  queryRows,
  type Logger,
  type PostgresConnection,
} from '@seguridad-abc/platform';
import { sql } from 'drizzle-orm';
import type { HealthHistoryRepository, MaintenanceRepository } from './health-repositories.js';
import type { HeartbeatDrizzle } from './heartbeat-database.js';
import { getTables } from './schema.js';
import { createHealthHistoryRepository, createMaintenanceRepository } from './sql-health-repositories.js';
import { createTransact, createWriteQueue } from './write-queue.js';

export interface PostgresHealthDatabaseOptions {
  readonly url: string;
  /** Called after the migration, before the database is used. @throws StartError if it must not be used */
  readonly check?: ((db: object) => Promise<void>) | undefined;
  /** Called when the server is there, if it was away at the start. */
  readonly onAvailable: () => void;
  /** How often it is tried then, in ms. */
  readonly retryMs: number;
  readonly logger: Logger;
  /** Called with each SQL statement before it runs. */
  readonly onStatement?: ((statement: string) => void) | undefined;
}

/** The history of health in PostgreSQL, which the monitors share. */
export interface PostgresHealthDatabase {
  readonly history: HealthHistoryRepository;
  readonly maintenance: MaintenanceRepository;
  /** Why the database cannot be used until a restart, as one clause. */
  readonly fault: string | undefined;
  /** Writes something small, and waits for the disk of the server. @throws the error of the server */
  tryWrite(): Promise<void>;
  close(): Promise<void>;
}

const APPLICATION_NAME = 'seguridad heartbeat';
/** Queries of health must not wait as long as commands may. */
const TIMEOUTS = { statementMs: 5_000, answerMs: 6_000 };

/**
 * Applies pending migrations to the tables of heartbeat.
 * @throws StartError if the database cannot be used, for example because newer software has written it
 */
export const migrateHealthDatabase = (url: string, logger: Logger): Promise<void> =>
  migratePostgres({
    address: parsePostgresUrl(url),
    migrations: new URL('../../drizzle-postgres', import.meta.url),
    migrationsTable: 'heartbeat_migrations',
    logger,
  });

/**
 * Connects to PostgreSQL and applies pending migrations. Without the server, health is monitored nevertheless: calls fail until it
 * is there.
 * @throws StartError if the database cannot be used, for example because newer software has written it
 */
export async function openPostgresHealthDatabase(
  options: PostgresHealthDatabaseOptions,
): Promise<PostgresHealthDatabase> {
  const { url, check, onAvailable, retryMs, logger, onStatement } = options;
  const address = parsePostgresUrl(url);
  const connectionOptions = {
    address,
    applicationName: APPLICATION_NAME,
    logger,
    onStatement,
    timeouts: TIMEOUTS,
  };
  const writer = createPostgresConnection(connectionOptions);
  const readers = createPostgresReaders(1, connectionOptions);
  const migrate = async () => {
    await migrateHealthDatabase(url, logger);
    await check?.(readers.db);
  };
  /** Why no call can succeed yet. */
  let obstacle: Error | undefined;
  let fault: string | undefined;
  const abort = new AbortController();
  const migrateLater = async () => {
    while (obstacle instanceof PostgresConnectionError) {
      await delay(retryMs, undefined, { signal: abort.signal });
      obstacle = await findObstacle(migrate);
    }
    if (obstacle) {
      fault = `the health history cannot be used: ${obstacle.message}`;
      logger.error({ err: obstacle }, 'the health history cannot be used');
      return;
    }
    logger.info('PostgreSQL is there: the health history is written');
    onAvailable();
  };
  obstacle = await findObstacle(migrate);
  if (obstacle && !(obstacle instanceof PostgresConnectionError)) {
    await Promise.all([writer.close(), readers.close()]);
    throw obstacle;
  }
  if (obstacle) {
    const problem = obstacle.isLoginRefused
      ? 'PostgreSQL refuses the login: check the user and the password of DATABASE_URL'
      : 'PostgreSQL is away';
    logger.error({ err: obstacle }, `${problem}; the monitor starts without the health history`);
    // It ends with the error of the signal when the database is closed.
    migrateLater().catch(() => undefined);
  }

  const transact = createTransact(toHeartbeatDrizzle(writer), createWriteQueue());
  const store = { reader: toHeartbeatDrizzle(readers), transact, transactDurably: transact };
  const guard = <Repository extends object>(repository: Repository): Repository =>
    delegateCalls(
      () => {
        if (obstacle) throw obstacle;
        return repository;
      },
      (error) => error,
    );
  return {
    history: guard(createHealthHistoryRepository(store)),
    maintenance: guard(createMaintenanceRepository(store)),
    get fault() {
      return fault;
    },
    async tryWrite() {
      if (obstacle) throw obstacle;
      await transact((db) => queryRows(db, sql`update ${getTables(db).savedHealth} set id = id`));
    },
    async close() {
      abort.abort();
      await Promise.all([writer.close(), readers.close()]);
    },
  };
}

/** @returns the error of a failed migration; without a server, that of the connection */
async function findObstacle(migrate: () => Promise<void>): Promise<Error | undefined> {
  try {
    await migrate();
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return findConnectionError(error) ?? error;
  }
}

const findConnectionError = (error: Error): PostgresConnectionError | undefined => {
  if (error instanceof PostgresConnectionError) return error;
  return error.cause instanceof Error ? findConnectionError(error.cause) : undefined;
};

const toHeartbeatDrizzle = ({ db }: PostgresConnection): HeartbeatDrizzle =>
  db as unknown as HeartbeatDrizzle;
