import { createUserPseudonym, openDatabaseFile } from '@seguridad-abc/platform';
import { isNotNull } from 'drizzle-orm';
import { union } from 'drizzle-orm/sqlite-core';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { auditEntries, devices, erasures, openings, rules } from '../db/schema.js';

/** An erasure as the database that is replaced knows it. It names the user only while it is not complete. */
export interface KnownErasure {
  readonly userId: string | null;
  readonly pseudonym: string;
  readonly salt: string;
}

/** Reads the erasures of a database that is replaced. A database that cannot be read, or is older than erasures, has none. */
export function readKnownErasures(file: string): readonly KnownErasure[] {
  try {
    const database = openDatabaseFile(file, { isReadOnly: true });
    try {
      return database
        .prepare<[], KnownErasure>('select user_id as userId, pseudonym, salt from erasures order by id')
        .all();
    } finally {
      database.close();
    }
  } catch {
    return [];
  }
}

/**
 * Requests erasures again whose user has data in the restored database: the backup is from before they were complete.
 * Monitoring continues them when it starts.
 * @returns the number of users
 */
export function repeatErasures(db: MonitoringDrizzle, known: readonly KnownErasure[], now: string): number {
  const present = new Set(
    db
      .select({ pseudonym: erasures.pseudonym })
      .from(erasures)
      .all()
      .map(({ pseudonym }) => pseudonym),
  );
  const missing = known.filter(({ pseudonym }) => !present.has(pseudonym));
  if (missing.length === 0) return 0;
  const userIds = listUserIds(db);
  let repeated = 0;
  for (const { pseudonym, salt, userId } of missing) {
    const found = userId ?? userIds.find((id) => createUserPseudonym(salt, id) === pseudonym);
    if (found === undefined) continue;
    db.insert(erasures).values({ userId: found, pseudonym, salt, requestedAt: now }).run();
    repeated += 1;
  }
  return repeated;
}

const listUserIds = (db: MonitoringDrizzle): string[] =>
  union(
    db.select({ id: rules.userId }).from(rules),
    db.select({ id: openings.userId }).from(openings),
    db.select({ id: devices.userId }).from(devices),
    db.select({ id: auditEntries.userId }).from(auditEntries).where(isNotNull(auditEntries.userId)),
    db.select({ id: auditEntries.actor }).from(auditEntries).where(isNotNull(auditEntries.actor)),
  )
    .all()
    .map(({ id }) => id);
