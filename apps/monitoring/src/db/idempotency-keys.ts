import type { Logger } from '@seguridad-abc/platform';
import { and, eq, sql } from 'drizzle-orm';
import type { IdempotencyKey } from '../commands/execute-command.js';
import { rejectConflict, type Rejection } from '../domain/decision.js';
import type { MonitoringDrizzle } from './monitoring-database.js';
import { createColumnPlaceholders } from './prepared-columns.js';
import { prepare, prepareInsert, runSql } from './prepared-statement.js';
import { getTables } from './schema.js';

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
  find(
    key: IdempotencyKey,
  ): Promise<{ readonly kind: 'saved'; readonly state: unknown } | Rejection | undefined>;
  store(key: IdempotencyKey, state: object, at: string): Promise<void>;
  /** Deletes keys from before an instant. @returns whether there may be more */
  deleteSomeBefore(instant: string): Promise<boolean>;
}

/** @param db the write connection */
export function createIdempotencyKeys(db: MonitoringDrizzle): IdempotencyKeys {
  const { idempotencyKeyRows } = getTables(db);
  const { caller, key } = idempotencyKeyRows;
  const find = prepare(
    db,
    db
      .select()
      .from(idempotencyKeyRows)
      .where(and(eq(caller, sql.placeholder('caller')), eq(key, sql.placeholder('key')))),
  );
  const insert = prepareInsert(
    db,
    db.insert(idempotencyKeyRows).values(createColumnPlaceholders(idempotencyKeyRows)),
  );

  return {
    async find({ fingerprint, ...id }) {
      const stored = await find.get(id);
      if (!stored) return undefined;
      if (stored.fingerprint !== fingerprint) {
        return rejectConflict(
          'clientMutationId',
          'This clientMutationId was sent before with another command or input. Use a new one.',
        );
      }
      return { kind: 'saved', state: stored.answer };
    },
    store: (newKey, state, at) => insert({ ...newKey, answer: state, at }),
    async deleteSomeBefore(instant) {
      const deleted = await runSql(
        db,
        sql`delete from ${idempotencyKeyRows} where (caller, key) in (
          select caller, key from ${idempotencyKeyRows} where at < ${instant} limit ${DELETION_BATCH_SIZE})`,
      );
      return deleted === DELETION_BATCH_SIZE;
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
