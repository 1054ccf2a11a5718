import type { Signal } from '@seguridad-abc/contracts';
import type { SensorReading, SignalReport } from '@seguridad-abc/evaluation';
import { and, asc, eq, gte, inArray, isNotNull, lt, sql, type SQL } from 'drizzle-orm';
import { prepareBatchInsert } from '../db/batch-insert.js';
import { getDialect } from '../db/dialect.js';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { createPreparedLimit } from '../db/prepared-columns.js';
import { prepare } from '../db/prepared-statement.js';
import {
  fromReadingCode,
  isWithdrawnCode,
  PRESENT_CODES,
  toReadingCode,
  WITHDRAWN_CODE,
} from '../db/reading-codes.js';
import { getTables, type MonitoringTables } from '../db/schema.js';

/** A reading as it is on record. */
export interface StoredReading extends SensorReading {
  /** False while the reading is ahead of the server's clock and not withdrawn. */
  readonly isEffective: boolean;
  readonly isWithdrawn: boolean;
}

type ReadingRow = MonitoringTables['readings']['$inferSelect'];

const toStoredReading = ({ code, effective, id, at, tampered, batteryLow }: ReadingRow): StoredReading => ({
  id,
  at,
  state: fromReadingCode(code),
  tampered,
  batteryLow,
  isEffective: effective,
  isWithdrawn: isWithdrawnCode(code),
});

/**
 * The table of readings. Writes belong inside a transaction.
 * @param onDue is called with the instant at which an early reading takes effect
 */
export function createReadingTable(db: MonitoringDrizzle, onDue: (at: number) => void) {
  const { readings } = getTables(db);
  const insert = prepareBatchInsert(db, readings, (values) =>
    values.onConflictDoNothing().returning({ id: readings.id }),
  );
  const isOfOpening = eq(readings.openingId, sql.placeholder('openingId'));
  const isPresent = lt(readings.code, WITHDRAWN_CODE);
  const isEffective = eq(readings.effective, true);
  const from = sql.placeholder('from');
  const limit = createPreparedLimit(sql.placeholder('limit'));
  const prepareReports = (value: boolean, ...conditions: readonly SQL[]) =>
    prepare(
      db,
      db
        .select({ id: readings.id, at: readings.at, value: sql.raw(String(value)).mapWith(Boolean) })
        .from(readings)
        .where(and(isOfOpening, ...conditions, gte(readings.at, from), isEffective))
        .orderBy(asc(readings.at), asc(readings.id))
        .limit(limit),
    );
  const prepareOfValue = (signal: Signal, value: boolean) => {
    switch (signal) {
      case 'OPEN':
        return prepareReports(value, eq(readings.code, toReadingCode(value ? 'OPEN' : 'CLOSED')));
      case 'TAMPERED':
        return prepareReports(value, isNotNull(readings.tampered), isPresent, eq(readings.tampered, value));
      case 'BATTERY_LOW':
        return prepareReports(
          value,
          isNotNull(readings.batteryLow),
          isPresent,
          eq(readings.batteryLow, value),
        );
    }
  };
  const prepareReportsOf = (signal: Signal) => ({
    true: prepareOfValue(signal, true),
    false: prepareOfValue(signal, false),
  });
  const reports: Readonly<Record<Signal, ReturnType<typeof prepareReportsOf>>> = {
    OPEN: prepareReportsOf('OPEN'),
    TAMPERED: prepareReportsOf('TAMPERED'),
    BATTERY_LOW: prepareReportsOf('BATTERY_LOW'),
  };

  /** One seek for each code, because the code comes before the instant in the key. */
  const prepareHeard = (condition: SQL, order: 'asc' | 'desc') => {
    const ofCode = (code: number) => sql`select distinct ${readings.at} from ${readings}
      where ${readings.openingId} = ${sql.placeholder('openingId')} and ${readings.code} = ${sql.raw(String(code))}
        and ${readings.at} ${condition} and ${readings.effective}
      order by ${readings.at} ${sql.raw(order)} limit ${limit}`;
    const union = sql.join(
      PRESENT_CODES.map((code) => sql`select * from (${ofCode(code)}) as ${sql.raw(`of_code_${code}`)}`),
      sql` union `,
    );
    return prepare(
      db,
      db
        .select({ at: sql<number>`heard.at`.mapWith(readings.at) })
        .from(sql`(${union}) as heard`)
        .orderBy(sql`heard.at ${sql.raw(order)}`)
        .limit(limit),
    );
  };
  const heardBefore = prepareHeard(sql`< ${sql.placeholder('at')}`, 'desc');
  const heardFrom = prepareHeard(sql`>= ${sql.placeholder('at')}`, 'asc');

  const isOneOf = getDialect(db).isInJson(readings.id, sql.placeholder('ids'));
  const ofIds = prepare(db, db.select().from(readings).where(and(isOfOpening, isOneOf)));
  const ofInstants = prepare(
    db,
    db
      .selectDistinct({ at: readings.at })
      .from(readings)
      .where(
        and(
          isOfOpening,
          inArray(readings.code, [...PRESENT_CODES]),
          getDialect(db).isInJson(readings.at, sql.placeholder('instants')),
        ),
      ),
  );
  const isReading = and(
    isOfOpening,
    eq(readings.code, sql.placeholder('code')),
    eq(readings.at, sql.placeholder('at')),
    eq(readings.id, sql.placeholder('id')),
  );
  const setEffective = prepare(db, db.update(readings).set({ effective: true }).where(isReading));
  const withdraw = prepare(
    db,
    db
      .update(readings)
      .set({ code: sql`${readings.code} + ${sql.raw(String(WITHDRAWN_CODE))}`, effective: true })
      .where(isReading),
  );

  /** @param openingId the opening of all the readings */
  const findByIds = async (
    openingId: number,
    ids: readonly string[],
  ): Promise<Map<string, StoredReading>> => {
    const rows = ids.length === 0 ? [] : await ofIds.all({ openingId, ids: JSON.stringify(ids) });
    return new Map(rows.map((row) => [row.id, toStoredReading(row)]));
  };

  return {
    /**
     * Stores new readings of an opening.
     * @param nowMs later readings have no effect yet
     * @returns the ids of those that are stored; the opening has a reading of each other id already, maybe a withdrawn one
     */
    async insert(openingId: number, added: readonly SensorReading[], nowMs: number): Promise<Set<string>> {
      const rows = added.map(({ id, at, state, tampered, batteryLow }) => {
        const code = toReadingCode(state);
        return { openingId, code, at, id, effective: at <= nowMs, tampered, batteryLow };
      });
      const inserted = new Set((await insert.all(rows)).map(({ id }) => id));
      for (const { id, at, effective } of rows) if (!effective && inserted.has(id)) onDue(at);
      return inserted;
    },

    findByIds,

    findById: async (openingId: number, id: string): Promise<StoredReading | undefined> =>
      (await findByIds(openingId, [id])).get(id),

    /** Withdraws a reading that is not withdrawn yet. */
    withdraw: (openingId: number, { id, at, state }: StoredReading): Promise<void> =>
      withdraw.run({ openingId, code: toReadingCode(state), at, id }),

    /** Makes an early reading effective. */
    makeEffective: (openingId: number, { id, at, state }: StoredReading): Promise<void> =>
      setEffective.run({ openingId, code: toReadingCode(state), at, id }),

    /** The first effective readings that report a value of a signal at or after an instant, in order. */
    findReports: (
      openingId: number,
      signal: Signal,
      value: boolean,
      at: number,
      count: number,
    ): Promise<SignalReport[]> => reports[signal][`${value}`].all({ openingId, from: at, limit: count }),

    /** The instant of the last effective reading before an instant, whatever it reports. */
    findHeardBefore: async (openingId: number, at: number): Promise<number | undefined> =>
      (await heardBefore.get({ openingId, at, limit: 1 }))?.at,

    /** The instants of the first effective readings at or after an instant, each once, in order. */
    async listHeardFrom(openingId: number, at: number, count: number): Promise<number[]> {
      const found = await heardFrom.all({ openingId, at, limit: count });
      return found.map((one) => one.at);
    },

    /** Which instants have a reading that is not withdrawn, also an early one. */
    async findOfInstants(openingId: number, instants: readonly number[]): Promise<Set<number>> {
      const found = await ofInstants.all({ openingId, instants: JSON.stringify(instants) });
      return new Set(found.map(({ at }) => at));
    },
  };
}
