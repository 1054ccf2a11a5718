import { createLogger, queryRows } from '@seguridad-abc/platform';
import { createPostgresDatabases, temporaryFolder } from '@seguridad-abc/platform/testing';
import { sql } from 'drizzle-orm';
import { inject } from 'vitest';
import type { HealthHistoryRepository, MaintenanceRepository } from '../db/health-repositories.js';
import { openHeartbeatDatabase } from '../db/heartbeat-database.js';
import { openPostgresHealthDatabase } from '../db/postgres-database.js';
import { createHealthHistoryRepository, createMaintenanceRepository } from '../db/sql-health-repositories.js';

/** The repositories over a real database: a SQLite file, or PostgreSQL in the Vitest project `postgres`. */
export interface TestHealthStore {
  readonly history: HealthHistoryRepository;
  readonly maintenance: MaintenanceRepository;
  /** The statements since the database was opened. */
  readonly statements: string[];
  /** How SQLite waits for the disk: 1 is NORMAL. Undefined: PostgreSQL. */
  getSynchronous(): unknown;
  /** Closes the database and opens it again. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

const logger = createLogger('heartbeat', 'silent');
const postgresUrl = inject('postgresUrl') as string | undefined;
const openShared = (url: string, onStatement?: (statement: string) => void) =>
  openPostgresHealthDatabase({ url, onAvailable: () => undefined, retryMs: 20, logger, onStatement });
const databases =
  postgresUrl === undefined
    ? undefined
    : createPostgresDatabases(postgresUrl, async (url) => (await openShared(url)).close());

/** Opens an empty database of the kind that the run uses. */
export async function openTestHealthStore(): Promise<TestHealthStore> {
  const folder = temporaryFolder();
  const own = await databases?.create();
  const statements: string[] = [];
  const open = async () => {
    statements.length = 0;
    const onStatement = (statement: string) => void statements.push(statement);
    if (own) return { ...(await openShared(own.url, onStatement)), getSynchronous: () => undefined };
    const database = openHeartbeatDatabase(folder.path, onStatement);
    return {
      history: createHealthHistoryRepository(database.store),
      maintenance: createMaintenanceRepository(database.store),
      async getSynchronous() {
        const [row] = await queryRows<{ synchronous: number }>(database.db, sql`pragma synchronous`);
        return row?.synchronous;
      },
      close: () => database.close(),
    };
  };
  let current = await open();
  return {
    get history() {
      return current.history;
    },
    get maintenance() {
      return current.maintenance;
    },
    statements,
    getSynchronous: () => current.getSynchronous(),
    async reopen() {
      await current.close();
      current = await open();
    },
    async close() {
      await current.close();
      await own?.remove();
      folder.remove();
    },
  };
}

/** Whether the tests of this run use PostgreSQL. */
export const usesPostgres = postgresUrl !== undefined;
