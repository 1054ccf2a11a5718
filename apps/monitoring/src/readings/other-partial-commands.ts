import { randomUUID } from 'node:crypto';
import { and, eq, gt, inArray, lt, min, ne, sql, type Column, type SQL } from 'drizzle-orm';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { partialCommands } from '../db/postgres-schema.js';
import { prepare, runSql } from '../db/prepared-statement.js';
import { getTables } from '../db/schema.js';

/**
 * The partial commands of other instances, which share the database. Every call but `end` belongs inside a transaction that has locked
 * the user of the command or the opening.
 */
export interface OtherPartialCommands {
  /**
   * Tells the other instances what a transaction of an own command has left.
   * @param openingId undefined if the command has stored all its readings of the openings that it has begun
   * @param nextAt the instant of its earliest remaining reading of the opening; undefined if none is left
   */
  save(commandId: string, openingId: number | undefined, nextAt: number | undefined): Promise<void>;
  /** Tells that an own command has ended: if it has failed, the others soon see it as abandoned. */
  end(commandId: string): void;
  /** The instant of the earliest reading that they have left for a user's opening; undefined if none has. */
  findNextAtByName(userId: string, opening: string): Promise<number | undefined>;
  findNextAt(openingId: number): Promise<number | undefined>;
  /** Whether one of them is at an opening. */
  isAt(openingId: number): Promise<boolean>;
}

/**
 * A command that was not renewed for this time has ended with its process. Its readings will not come, unless it is sent again. The
 * same time as that of the leader's lease: alarms of the opening wait for it.
 */
export const ABANDONED_AFTER_MS = 3_000;
/** The pause between two renewals of the commands in progress. */
const RENEWAL_INTERVAL_MS = 1_000;

/** The only instance has no others. */
const NO_OTHERS: OtherPartialCommands = {
  save: () => Promise.resolve(),
  end: () => undefined,
  findNextAtByName: () => Promise.resolve(undefined),
  findNextAt: () => Promise.resolve(undefined),
  isAt: () => Promise.resolve(false),
};

/** By the clock of the database, because those of the instances may differ. */
const NOW_MS = sql`(extract(epoch from clock_timestamp()) * 1000)::bigint`;
const ABANDONED_BEFORE = sql`${NOW_MS} - ${sql.raw(String(ABANDONED_AFTER_MS))}`;

/** The condition that a command is at an opening, and not abandoned. */
export const isPartialCommandAt = (openingId: Column): SQL | undefined =>
  and(eq(partialCommands.openingId, openingId), gt(partialCommands.notedAt, ABANDONED_BEFORE));

/**
 * @param db the connection of the transactions
 * @param control renews the commands in progress; undefined: there are no other instances
 */
export function createOtherPartialCommands(
  db: MonitoringDrizzle,
  control: MonitoringDrizzle | undefined,
): OtherPartialCommands {
  if (!control) return NO_OTHERS;
  const { openings } = getTables(db);
  const instance = randomUUID();
  const { id, openingId, nextAt, notedAt } = partialCommands;
  const isOfOthers = and(ne(partialCommands.instance, instance), gt(notedAt, ABANDONED_BEFORE));
  const byName = prepare(
    db,
    db
      .select({ nextAt: min(nextAt) })
      .from(partialCommands)
      .innerJoin(openings, eq(openings.id, openingId))
      .where(
        and(
          eq(openings.userId, sql.placeholder('userId')),
          eq(openings.name, sql.placeholder('name')),
          isOfOthers,
        ),
      ),
  );
  const isAtOpening = and(eq(openingId, sql.placeholder('openingId')), isOfOthers);
  const byOpening = prepare(
    db,
    db
      .select({ nextAt: min(nextAt) })
      .from(partialCommands)
      .where(isAtOpening),
  );
  const atOpening = prepare(db, db.select({ id }).from(partialCommands).where(isAtOpening).limit(1));

  const running = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const renew = async () => {
    // A transaction of this instance that is about to save a row need not be waited for.
    const free = control
      .select({ id })
      .from(partialCommands)
      .where(inArray(id, [...running]));
    const renewal = sql`update ${partialCommands} set noted_at = ${NOW_MS} where id in (${free} for update skip locked)`;
    // The next renewal may succeed.
    await runSql(control, renewal).catch(() => undefined);
  };
  const begin = (commandId: string) => {
    running.add(commandId);
    timer ??= setInterval(() => void renew(), RENEWAL_INTERVAL_MS).unref();
  };

  return {
    end(commandId) {
      running.delete(commandId);
      if (running.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    },
    async save(commandId, opening, next) {
      await db.delete(partialCommands).where(lt(notedAt, ABANDONED_BEFORE));
      await db.delete(partialCommands).where(eq(id, commandId));
      if (opening === undefined) return;
      begin(commandId);
      await db
        .insert(partialCommands)
        .values({ id: commandId, instance, openingId: opening, nextAt: next ?? null, notedAt: NOW_MS });
    },
    findNextAtByName: async (userId, name) => (await byName.get({ userId, name }))?.nextAt ?? undefined,
    findNextAt: async (opening) => (await byOpening.get({ openingId: opening }))?.nextAt ?? undefined,
    isAt: async (opening) => (await atOpening.get({ openingId: opening })) !== undefined,
  };
}
