import type { Logger } from '@seguridad-abc/platform';
import { and, eq, inArray, lt, sql } from 'drizzle-orm';
import type { IdempotencyKey } from '../commands/execute-command.js';
import { rejectConflict, type Rejection } from '../domain/decision.js';
import type { MonitoringDrizzle } from './monitoring-database.js';
import { idempotencyKeyRows } from './schema.js';

/** How long an idempotency key is stored. */
const RETENTION_MS = 7 * 24 * 60 * 60 * 1_000; // 7 days
const DELETION_INTERVAL_MS = 60 * 60 * 1_000; // 1 hour
/** Keys that one transaction deletes. Commands wait for it, some milliseconds. */
const DELETION_BATCH_SIZE = 1_000;

/** The stored idempotency keys; to be used inside the transaction of the command. */
export interface IdempotencyKeys {
  /**
   * Finds the first result of a command.
   * @returns undefined for a new key; a conflict if the key belongs to another command or input
   */
  find(key: IdempotencyKey): { readonly kind: 'saved'; readonly state: unknown } | Rejection | undefined;
  store(key: IdempotencyKey, state: object, at: string): void;
  /** Deletes keys from before an instant. @returns whether there may be more */
  deleteSomeBefore(instant: string): boolean;
}

export function createSqliteIdempotencyKeys(db: MonitoringDrizzle): IdempotencyKeys {
  const find = db
    .select()
    .from(idempotencyKeyRows)
    .where(
      and(
        eq(idempotencyKeyRows.caller, sql.placeholder('caller')),
        eq(idempotencyKeyRows.key, sql.placeholder('key')),
      ),
    )
    .prepare();

  return {
    find({ caller, key, fingerprint }) {
      const stored = find.get({ caller, key });
      if (!stored) return undefined;
      if (stored.fingerprint !== fingerprint) {
        return rejectConflict(
          'clientMutationId',
          'This clientMutationId was sent before with another command or input. Use a new one.',
        );
      }
      return { kind: 'saved', state: stored.answer };
    },
    store(key, state, at) {
      db.insert(idempotencyKeyRows)
        .values({ ...key, answer: state, at })
        .run();
    },
    deleteSomeBefore(instant) {
      const some = db
        .select({ rowid: sql`rowid` })
        .from(idempotencyKeyRows)
        .where(lt(idempotencyKeyRows.at, instant))
        .limit(DELETION_BATCH_SIZE);
      const { changes } = db
        .delete(idempotencyKeyRows)
        .where(inArray(sql`rowid`, some))
        .run();
      return changes === DELETION_BATCH_SIZE;
    },
  };
}

/**
 * Deletes expired idempotency keys now and every hour.
 * @param deleteBefore deletes all keys from before an instant
 * @returns a function that stops the deletion
 */
export async function startIdempotencyKeyExpiry(
  deleteBefore: (instant: string) => Promise<void>,
  now: () => string,
  logger: Logger,
): Promise<() => void> {
  // With a full disk, nothing can be deleted. The service starts: others can still read its log.
  const deleteExpired = () =>
    deleteBefore(new Date(Date.parse(now()) - RETENTION_MS).toISOString()).catch((error: unknown) =>
      logger.error({ err: error }, 'expired idempotency keys could not be deleted; trying again in an hour'),
    );
  await deleteExpired();
  const timer = setInterval(() => void deleteExpired(), DELETION_INTERVAL_MS);
  return () => clearInterval(timer);
}
