import { sql } from 'drizzle-orm';
import { getDialect } from './dialect.js';
import type { MonitoringDrizzle } from './monitoring-database.js';
import { queryRows } from './prepared-statement.js';

/** Differs from the key of migrations, and from the hashes of users in all but one of 2^64 cases. */
const START_LOCK = 7_353_920_186_418;

/**
 * Lets one instance at a time do what each does at its start if it finds nothing, until the end of the open transaction. The next one
 * then sees what the first has written. Call it as the first statement. SQLite has one writer.
 */
export async function lockStart(db: MonitoringDrizzle): Promise<void> {
  if (getDialect(db).name === 'sqlite') return;
  await queryRows(db, sql`select pg_advisory_xact_lock(${START_LOCK}::bigint)`);
}
