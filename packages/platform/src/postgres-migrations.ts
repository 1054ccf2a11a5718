import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import { z } from 'zod';
import { getErrorMessage, StartError } from './errors.js';
import type { Logger } from './logger.js';
import { createPostgresConnection, PostgresConnectionError } from './postgres-connection.js';
import type { PostgresAddress } from './postgres-url.js';
import { queryRows } from './prepared-statement.js';
import { createNewerSchemaMessage } from './schema-version.js';

export interface PostgresMigrationOptions {
  readonly address: PostgresAddress;
  /** The folder with the migrations that drizzle-kit generated. */
  readonly migrations: URL;
  /** The table of the applied migrations: services share a database. */
  readonly migrationsTable: string;
  readonly logger: Logger;
}

/** One process migrates at a time, whatever the service is. */
const MIGRATION_LOCK = 7_353_920_186_417;
/** Migrations may take long, and wait for those of another instance. */
const MIGRATION_TIMEOUT_MS = 10 * 60 * 1_000; // 10 minutes
const MIGRATIONS_SCHEMA = 'drizzle';

/**
 * Applies pending migrations. Several instances may start at once: one of them migrates, and the others wait for it.
 * @throws StartError if the server cannot be used, or newer software has written the database: then nothing is changed
 */
export async function migratePostgres(options: PostgresMigrationOptions): Promise<void> {
  const { address, logger, migrationsTable } = options;
  const connection = createPostgresConnection({
    address,
    applicationName: 'migrations',
    logger,
    timeouts: { statementMs: MIGRATION_TIMEOUT_MS, answerMs: MIGRATION_TIMEOUT_MS },
  });
  const { db } = connection;
  const migrationsFolder = fileURLToPath(options.migrations);
  try {
    await db.execute(sql`select pg_advisory_lock(${MIGRATION_LOCK}::bigint)`);
    await assertKnownPostgresSchema(db, migrationsFolder, options);
    await migrate(db, { migrationsFolder, migrationsTable, migrationsSchema: MIGRATIONS_SCHEMA });
  } catch (error) {
    if (error instanceof StartError) throw error;
    const prefix =
      error instanceof PostgresConnectionError
        ? ''
        : `The database ${address.description} cannot be opened: `;
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
    throw new StartError(`${prefix}${getErrorMessage(error)}${cause}`, { cause: error });
  } finally {
    // The lock ends with the connection.
    await connection.close();
  }
}

const journalSchema = z.object({ entries: z.array(z.object({ when: z.number() })) });

async function assertKnownPostgresSchema(
  db: object,
  migrationsFolder: string,
  { address, migrationsTable }: PostgresMigrationOptions,
): Promise<void> {
  const [table] = await queryRows<{ name: string | null }>(
    db,
    sql`select to_regclass(${`${MIGRATIONS_SCHEMA}.${migrationsTable}`})::text as name`,
  );
  if (!table?.name) return;
  const [newest] = await queryRows<{ at: number | null }>(
    db,
    sql`select max(created_at) as at from ${sql.identifier(MIGRATIONS_SCHEMA)}.${sql.identifier(migrationsTable)}`,
  );
  const { entries } = journalSchema.parse(
    JSON.parse(readFileSync(join(migrationsFolder, 'meta', '_journal.json'), 'utf8')),
  );
  const known = Math.max(0, ...entries.map(({ when }) => when));
  if ((newest?.at ?? 0) > known)
    throw new StartError(createNewerSchemaMessage(address.description, newest?.at ?? 0, known));
}
