import { randomUUID } from 'node:crypto';
import { ACCEPTED_OUTCOME } from '@seguridad-abc/contracts';
import { openDatabaseFile, runInTransaction, StartError } from '@seguridad-abc/platform';
import { max } from 'drizzle-orm';
import { createLogAppends } from '../db/log-appends.js';
import { openMonitoringDatabase, type MonitoringDrizzle } from '../db/monitoring-database.js';
import { eventLogIdentity, events, formerEpochs, logHorizon } from '../db/sqlite-schema.js';
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
export async function prepareRestoredDatabase(options: RestoredDatabaseOptions): Promise<PreparedDatabase> {
  const { folder, toPosition, replacedFile, now } = options;
  const erasures = replacedFile === undefined ? undefined : readKnownErasures(replacedFile);
  const database = openMonitoringDatabase(folder);
  const { db } = database;
  try {
    return await runInTransaction(db, async () => {
      const head = await getHead(db);
      if (toPosition !== undefined && toPosition > head)
        throw new StartError(`The backup ends at position ${head}: choose an earlier position.`);
      if (toPosition !== undefined && toPosition < head) await rewindDatabase(db, toPosition);
      const position = await getHead(db);
      const [former] = await db.select().from(eventLogIdentity);
      if (former)
        await db
          .insert(formerEpochs)
          .values({ logId: former.id, endPosition: position, endedAt: now })
          .onConflictDoNothing();
      await db.delete(eventLogIdentity);
      await db.insert(eventLogIdentity).values({ id: randomUUID(), replacesStream: true });
      const repeatedErasures = await repeatErasures(db, erasures ?? [], now);
      const appends = createLogAppends(db);
      appends.appendAuditEntry(
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
      await appends.flush();
      return { position, repeatedErasures, areErasuresKnown: erasures !== undefined };
    });
  } finally {
    await database.close();
    leaveOneFile(database.file);
  }
}

/** One file without others beside it is moved into place. */
function leaveOneFile(path: string): void {
  const file = openDatabaseFile(path, { isReadOnly: false });
  file.pragma('journal_mode = DELETE');
  file.close();
}

async function getHead(db: MonitoringDrizzle): Promise<number> {
  const [last] = await db.select({ position: max(events.position) }).from(events);
  const [horizon] = await db.select({ position: logHorizon.position }).from(logHorizon);
  return last?.position ?? horizon?.position ?? 0;
}
