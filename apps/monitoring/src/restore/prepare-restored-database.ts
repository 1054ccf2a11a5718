import { randomUUID } from 'node:crypto';
import { ACCEPTED_OUTCOME } from '@seguridad-abc/contracts';
import { StartError } from '@seguridad-abc/platform';
import { max } from 'drizzle-orm';
import { createSqliteAuditTrail } from '../audit/audit-trail.js';
import { openMonitoringDatabase, type MonitoringDrizzle } from '../db/monitoring-database.js';
import { eventLogIdentity, events, formerEpochs, logHorizon } from '../db/schema.js';
import { readKnownErasures, repeatErasures } from './repeat-erasures.js';
import { rewindDatabase } from './rewind-database.js';

export interface RestoredDatabaseOptions {
  /** The folder with the copy of `monitoring.sqlite`, which no service uses. */
  readonly folder: string;
  /** The last position of the log to keep. @default all */
  readonly toPosition?: number | undefined;
  /** A database whose erasures must hold in the restored one too. */
  readonly replacedFile?: string | undefined;
  /** The server's instant. */
  readonly now: string;
}

/** What was prepared in a restored database. */
export interface PreparedDatabase {
  /** The position at which the log ends. */
  readonly position: number;
  /** The users that monitoring erases again when it starts. */
  readonly repeatedErasures: number;
  /** False if there is no replaced database, or it cannot be read: users that were erased after the backup have data again. */
  readonly areErasuresKnown: boolean;
}

/** What the audit trail records about a restore. */
const RESTORE_ACTION = 'restoreBackup';

/**
 * Prepares a copied database before monitoring uses it: migrates it, rewinds it to a position, starts a new epoch of the log,
 * repeats erasures, and records the restore in the audit trail.
 * @throws StartError if the copy cannot be opened, or does not reach back to the position
 */
export function prepareRestoredDatabase(options: RestoredDatabaseOptions): PreparedDatabase {
  const { folder, toPosition, replacedFile, now } = options;
  const erasures = replacedFile === undefined ? undefined : readKnownErasures(replacedFile);
  const database = openMonitoringDatabase(folder);
  const { db } = database;
  try {
    return db.transaction(() => {
      const head = getHead(db);
      if (toPosition !== undefined && toPosition > head)
        throw new StartError(`The backup ends at position ${head}: choose an earlier position.`);
      if (toPosition !== undefined && toPosition < head) rewindDatabase(db, toPosition);
      const position = getHead(db);
      const former = db.select().from(eventLogIdentity).get();
      if (former)
        db.insert(formerEpochs)
          .values({ logId: former.id, endPosition: position, endedAt: now })
          .onConflictDoNothing()
          .run();
      db.delete(eventLogIdentity).run();
      db.insert(eventLogIdentity).values({ id: randomUUID(), replacesStream: true }).run();
      const repeatedErasures = repeatErasures(db, erasures ?? [], now);
      createSqliteAuditTrail(db).append(
        {
          action: RESTORE_ACTION,
          outcome: ACCEPTED_OUTCOME,
          role: 'operator',
          actor: 'operator',
          address: null,
          userId: null,
          subject: String(position),
        },
        now,
      );
      return { position, repeatedErasures, areErasuresKnown: erasures !== undefined };
    });
  } finally {
    // One file without others beside it is moved into place.
    db.$client.pragma('journal_mode = DELETE');
    database.close();
  }
}

const getHead = (db: MonitoringDrizzle): number =>
  db
    .select({ position: max(events.position) })
    .from(events)
    .get()?.position ??
  db.select({ position: logHorizon.position }).from(logHorizon).get()?.position ??
  0;
