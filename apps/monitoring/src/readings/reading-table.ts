import type { Signal } from '@seguridad-abc/contracts';
import type { SensorReading, SignalReport } from '@seguridad-abc/evaluation';
import { and, asc, eq, gte, inArray, isNotNull, lt, lte, min, sql, type SQL } from 'drizzle-orm';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { createColumnPlaceholders, createPreparedLimit, prepareInsert } from '../db/prepared-columns.js';
import {
  fromReadingCode,
  isWithdrawnCode,
  PRESENT_CODES,
  toReadingCode,
  WITHDRAWN_CODE,
} from '../db/reading-codes.js';
import { readings } from '../db/schema.js';

/** A reading as it is on record. */
export interface StoredReading extends SensorReading {
  /** False while the reading is ahead of the server's clock and not withdrawn. */
  readonly isEffective: boolean;
  readonly isWithdrawn: boolean;
}

type ReadingRow = typeof readings.$inferSelect;

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
 * The table of readings. Every call is synchronous and belongs inside a transaction.
 * @param onDue is called with the instant at which an early reading takes effect
 */
export function createReadingTable(db: MonitoringDrizzle, onDue: (at: number) => void) {
  const insert = prepareInsert(
    db,
    db.insert(readings).values(createColumnPlaceholders(readings)).onConflictDoNothing(),
  );
  const isOfOpening = eq(readings.openingId, sql.placeholder('openingId'));
  const isPresent = lt(readings.code, WITHDRAWN_CODE);
  const prepareFirstReport = (...conditions: readonly SQL[]) =>
    db
      .select({ id: readings.id, at: readings.at })
      .from(readings)
      .where(
        and(
          isOfOpening,
          ...conditions,
          gte(readings.at, sql.placeholder('from')),
          eq(readings.effective, true),
        ),
      )
      .orderBy(asc(readings.at), asc(readings.id))
      .limit(createPreparedLimit(1))
      .prepare();
  const firstReports: Readonly<Record<Signal, ReturnType<typeof prepareFirstReport>>> = {
    OPEN: prepareFirstReport(eq(readings.code, sql.placeholder('value'))),
    TAMPERED: prepareFirstReport(
      isNotNull(readings.tampered),
      isPresent,
      eq(readings.tampered, sql.placeholder('value')),
    ),
    BATTERY_LOW: prepareFirstReport(
      isNotNull(readings.batteryLow),
      isPresent,
      eq(readings.batteryLow, sql.placeholder('value')),
    ),
  };

  /** One seek for each code, because the code comes before the instant in the key. */
  const prepareHeard = (aggregate: 'min' | 'max', comparison: SQL, order: 'asc' | 'desc') => {
    const ofCode = (code: number) => sql`select ${readings.at} from ${readings}
      where ${readings.openingId} = ${sql.placeholder('openingId')} and ${readings.code} = ${sql.raw(String(code))}
        and ${readings.at} ${comparison} ${sql.placeholder('at')} and ${readings.effective}
      order by ${readings.at} ${sql.raw(order)} limit 1`;
    const union = sql.join(
      PRESENT_CODES.map((code) => sql`select * from (${ofCode(code)})`),
      sql` union all `,
    );
    return db
      .select({ at: sql<number | null>`(select ${sql.raw(aggregate)}(at) from (${union}))` })
      .from(sql`(select 1)`)
      .prepare();
  };
  const heardBefore = prepareHeard('max', sql`<`, 'desc');
  const heardFrom = prepareHeard('min', sql`>=`, 'asc');
  const prepareHeardBetween = (code: number) =>
    db
      .selectDistinct({ at: readings.at })
      .from(readings)
      .where(
        and(
          isOfOpening,
          eq(readings.code, sql.raw(String(code))),
          gte(readings.at, sql.placeholder('from')),
          eq(readings.effective, true),
        ),
      )
      .orderBy(asc(readings.at))
      .limit(createPreparedLimit(sql.placeholder('limit')))
      .prepare();
  const heardBetween = PRESENT_CODES.map(prepareHeardBetween);

  const byId = db
    .select()
    .from(readings)
    .where(and(isOfOpening, eq(readings.id, sql.placeholder('id'))))
    .prepare();
  const ofInstant = db
    .select({ at: readings.at })
    .from(readings)
    .where(
      and(isOfOpening, inArray(readings.code, [...PRESENT_CODES]), eq(readings.at, sql.placeholder('at'))),
    )
    .limit(createPreparedLimit(1))
    .prepare();

  const isEarly = sql`not ${readings.effective}`;
  const early = db
    .select()
    .from(readings)
    .where(and(isEarly, lte(readings.at, sql.placeholder('at'))))
    .orderBy(asc(readings.at))
    .limit(createPreparedLimit(sql.placeholder('limit')))
    .prepare();
  const nextEarly = db
    .select({ at: min(readings.at) })
    .from(readings)
    .where(isEarly)
    .prepare();
  const isRow = and(
    isOfOpening,
    eq(readings.code, sql.placeholder('code')),
    eq(readings.at, sql.placeholder('at')),
    eq(readings.id, sql.placeholder('id')),
  );
  const setEffective = db.update(readings).set({ effective: true }).where(isRow).prepare();
  const withdraw = db
    .update(readings)
    .set({ code: sql`${readings.code} + ${sql.raw(String(WITHDRAWN_CODE))}`, effective: true })
    .where(isRow)
    .prepare();

  const findById = (openingId: number, id: string): StoredReading | undefined => {
    const row = byId.get({ openingId, id });
    return row && toStoredReading(row);
  };

  return {
    /** @returns false if the opening already has a reading of this id, also a withdrawn one */
    insert(openingId: number, reading: SensorReading, effective: boolean): boolean {
      const { changes } = insert({ ...reading, openingId, code: toReadingCode(reading.state), effective });
      if (changes > 0 && !effective) onDue(reading.at);
      return changes > 0;
    },

    findById,

    /** Withdraws a reading that is not withdrawn yet. */
    withdraw(openingId: number, { id, at, state }: StoredReading): void {
      withdraw.run({ openingId, code: toReadingCode(state), at, id });
    },

    /** The first effective reading that reports a value of a signal at or after an instant. */
    findFirst(openingId: number, signal: Signal, value: boolean, from: number): SignalReport | undefined {
      const found = firstReports[signal].get({ openingId, value: Number(value), from });
      return found && { ...found, value };
    },

    /** The instant of the last effective reading before an instant, whatever it reports. */
    findHeardBefore: (openingId: number, at: number): number | undefined =>
      heardBefore.get({ openingId, at })?.at ?? undefined,

    /** The instant of the first effective reading at or after an instant, whatever it reports. */
    findHeardFrom: (openingId: number, at: number): number | undefined =>
      heardFrom.get({ openingId, at })?.at ?? undefined,

    /** The instants of the first effective readings at or after an instant, each once, in order. */
    listHeardFrom(openingId: number, from: number, limit: number): number[] {
      const instants = heardBetween.flatMap((query) => query.all({ openingId, from, limit }));
      const sorted = [...new Set(instants.map(({ at }) => at))].sort((a, b) => a - b);
      return sorted.slice(0, limit);
    },

    /** Whether the opening has a reading of an instant that is not withdrawn, also an early one. */
    hasOfInstant: (openingId: number, at: number): boolean => ofInstant.get({ openingId, at }) !== undefined,

    /** Returns when the first early reading takes effect, or `undefined` without early readings. */
    getNextEarlyAt: (): number | undefined => nextEarly.get()?.at ?? undefined,

    /** Makes early readings effective whose instant is reached, the earliest first. @returns them by opening id */
    makeEffective(
      until: number,
      limit: number,
      weigh: (openingId: number) => number,
    ): Map<number, StoredReading[]> {
      const byOpening = new Map<number, StoredReading[]>();
      let weight = 0;
      for (const row of early.all({ at: until, limit })) {
        if (weight >= limit) break;
        weight += weigh(row.openingId);
        setEffective.run({ openingId: row.openingId, code: row.code, at: row.at, id: row.id });
        const ofOpening = byOpening.get(row.openingId) ?? [];
        ofOpening.push({ ...toStoredReading(row), isEffective: true });
        byOpening.set(row.openingId, ofOpening);
      }
      return byOpening;
    },
  };
}
