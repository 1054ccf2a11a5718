import { createUserPseudonym, openDatabaseFile } from '@seguridad-abc/platform';
import { sql } from 'drizzle-orm';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { queryRows } from '../db/prepared-statement.js';
import { auditEntries, devices, erasures, openings, rules } from '../db/sqlite-schema.js';

/** An erasure as the database that is replaced knows it. It names the user only while it is not complete. */
export interface KnownErasure {
  readonly userId: string | null;
  readonly pseudonym: string;
  readonly salt: string;
}

/**
 * Reads the erasures of a database that is replaced.
 * @returns undefined if the database cannot be read
 */
export function readKnownErasures(file: string): readonly KnownErasure[] | undefined {
  try {
    const database = openDatabaseFile(file, { isReadOnly: true });
    try {
      const findTable = database.prepare("select 1 from sqlite_master where name = 'erasures'");
      // The database is older than erasures.
      if (findTable.get() === undefined) return [];
      return database
        .prepare<[], KnownErasure>('select user_id as userId, pseudonym, salt from erasures order by id')
        .all();
    } finally {
      database.close();
    }
  } catch {
    return undefined;
  }
}

/**
 * Requests erasures again whose user has data in the restored database: the backup is from before they were complete.
 * Monitoring continues them when it starts.
 * @returns the number of users
 */
export async function repeatErasures(
  db: MonitoringDrizzle,
  known: readonly KnownErasure[],
  now: string,
): Promise<number> {
  const rows = await db.select({ pseudonym: erasures.pseudonym }).from(erasures);
  const present = new Set(rows.map(({ pseudonym }) => pseudonym));
  const missing = known.filter(({ pseudonym }) => !present.has(pseudonym));
  if (missing.length === 0) return 0;
  const userIds = await listUserIds(db);
  let repeated = 0;
  for (const { pseudonym, salt, userId } of missing) {
    const found = userId ?? userIds.find((id) => createUserPseudonym(salt, id) === pseudonym);
    if (found === undefined) continue;
    await db.insert(erasures).values({ userId: found, pseudonym, salt, requestedAt: now });
    repeated += 1;
  }
  return repeated;
}

async function listUserIds(db: MonitoringDrizzle): Promise<string[]> {
  const rows = await queryRows<{ id: string }>(
    db,
    sql`select user_id as id from ${rules} union select user_id from ${openings} union select user_id from ${devices}
      union select user_id from ${auditEntries} where user_id is not null
      union select actor from ${auditEntries} where actor is not null`,
  );
  return rows.map(({ id }) => id);
}
