import { ExpectedError } from '@seguridad-abc/platform';
import { sql } from 'drizzle-orm';
import { getDialect } from '../db/dialect.js';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { prepare, runSql } from '../db/prepared-statement.js';
import { getTables } from '../db/schema.js';

/**
 * Up to when history is removed. It is asked in memory, because commands do so for each reading. A change is published in a
 * transaction; each transaction that begins later knows it, also those of other instances.
 */
export interface HistoryHorizon {
  /** What ended before this instant is removed, and readings from before it are refused. Undefined: nothing is removed. */
  readonly before: string | undefined;
  /** The same in milliseconds since 1970; -Infinity: nothing is removed. */
  readonly beforeMs: number;
  /**
   * Refuses readings from before an instant from now on.
   * @returns resolves when no command of this process runs any more that was checked earlier
   */
  announce(before: string): Promise<void>;
  /** Takes back what was announced and is not stored. */
  reload(): Promise<void>;
  /** Tells that a command runs whose readings are checked. It returns what the command returns. */
  track<Result>(command: Promise<Result>): Promise<Result>;
  /**
   * To be called at the begin of each transaction: another instance may have removed history.
   * @param isExclusive whether the transaction publishes a horizon. It waits until the transactions of other instances have ended
   * that know the one before, and none of them begins before it ends. It holds no lock meanwhile, so nobody waits for it in a circle.
   */
  beginTransaction(isExclusive: boolean): Promise<void>;
  /**
   * To be called inside a transaction that stores a reading: its command was checked earlier, maybe against an earlier horizon.
   * @param at milliseconds since 1970
   * @throws ExpectedError CONFLICT if the reading is from before the horizon
   */
  assertKept(at: number): void;
}

/** Identifies the lock of the horizon among the advisory locks of the database. */
const HORIZON_LOCK = sql.raw('1751347567, 0');
const SHARE_HORIZON = sql`select pg_advisory_xact_lock_shared(${HORIZON_LOCK})`;
const LOCK_HORIZON = sql`select pg_advisory_xact_lock(${HORIZON_LOCK})`;

/**
 * Creates the horizon of a database.
 * @param db the connection of the transactions
 * @param reader reads what is committed
 */
export async function createHistoryHorizon(
  db: MonitoringDrizzle,
  reader: MonitoringDrizzle,
): Promise<HistoryHorizon> {
  const { logHorizon } = getTables(db);
  const hasOtherInstances = getDialect(db).name === 'postgresql';
  const running = new Set<Promise<unknown>>();
  const prepareRead = (from: MonitoringDrizzle) => {
    const row = prepare(from, from.select({ before: logHorizon.before }).from(logHorizon));
    return async () => (await row.get())?.before;
  };
  const readStored = prepareRead(db);
  const readCommitted = prepareRead(reader);
  let stored = await readCommitted();
  let announced: string | undefined;
  let before = stored;
  let beforeMs = toMs(before);
  const update = () => {
    before = getLater(stored, announced);
    beforeMs = toMs(before);
  };

  return {
    get before() {
      return before;
    },
    get beforeMs() {
      return beforeMs;
    },
    async announce(next) {
      announced = next;
      update();
      await Promise.allSettled(running);
    },
    async reload() {
      try {
        stored = await readCommitted();
        announced = undefined;
      } catch (error) {
        // The next transaction reads it.
        if (hasOtherInstances) announced = undefined;
        throw error;
      } finally {
        update();
      }
    },
    track(command) {
      running.add(command);
      const end = () => void running.delete(command);
      command.then(end, end);
      return command;
    },
    async beginTransaction(isExclusive) {
      if (!hasOtherInstances) return;
      await runSql(db, isExclusive ? LOCK_HORIZON : SHARE_HORIZON);
      stored = await readStored();
      update();
    },
    assertKept(at) {
      // What is announced does not bind commands that were checked before: the announcement waits for them.
      if (at < toMs(stored))
        throw new ExpectedError(
          'CONFLICT',
          `The history from before ${stored ?? ''} was removed meanwhile. Send the command again.`,
        );
    },
  };
}

const toMs = (instant: string | undefined) => (instant === undefined ? -Infinity : Date.parse(instant));

const getLater = (a: string | undefined, b: string | undefined) =>
  a === undefined || (b !== undefined && b > a) ? b : a;
