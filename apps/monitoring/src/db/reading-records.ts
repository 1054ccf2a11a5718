import type { OpeningState } from '@seguridad-abc/contracts';
import type { SensorReading } from '@seguridad-abc/evaluation';
import { and, asc, eq, gte, lte, min, sql } from 'drizzle-orm';
import type { Db } from './open.js';
import { placeholders } from './prepared.js';
import { readings } from './schema.js';

/** As SQLite compares it: drizzle-orm converts what is inserted, not what is asked for. */
const bit = (value: boolean) => (value ? 1 : 0);

/** Readings; to be used inside a transaction. */
export function createReadingRecords(db: Db, notice: (at: number) => void) {
  const insert = db.insert(readings).values(placeholders(readings)).onConflictDoNothing().prepare();
  const first = db
    .select({ id: readings.id, at: readings.at })
    .from(readings)
    .where(
      and(
        eq(readings.openingId, sql.placeholder('openingId')),
        eq(readings.open, sql.placeholder('open')),
        gte(readings.at, sql.placeholder('from')),
        eq(readings.effective, true),
      ),
    )
    .orderBy(asc(readings.at), asc(readings.id))
    .limit(1)
    .prepare();
  const isEarly = sql`not ${readings.effective}`;
  const early = db
    .select()
    .from(readings)
    .where(and(isEarly, lte(readings.at, sql.placeholder('at'))))
    .orderBy(asc(readings.at))
    .limit(sql.placeholder('limit'))
    .prepare();
  const nextEarly = db
    .select({ at: min(readings.at) })
    .from(readings)
    .where(isEarly)
    .prepare();
  const takeEffect = db
    .update(readings)
    .set({ effective: true })
    .where(
      and(
        eq(readings.openingId, sql.placeholder('openingId')),
        eq(readings.open, sql.placeholder('open')),
        eq(readings.at, sql.placeholder('at')),
        eq(readings.id, sql.placeholder('id')),
      ),
    )
    .prepare();

  return {
    /** @returns false where the opening has a reading of this id */
    add(openingId: number, { id, state, at }: SensorReading, effective: boolean): boolean {
      const { changes } = insert.run({ openingId, id, open: bit(state === 'OPEN'), at, effective });
      if (changes > 0 && !effective) notice(at);
      return changes > 0;
    },

    /** The first effective one of a state at or after an instant. */
    first(openingId: number, state: OpeningState, from: number): SensorReading | undefined {
      const found = first.get({ openingId, open: bit(state === 'OPEN'), from });
      return found && { ...found, state };
    },

    /** When the first of those ahead of the clock is to take effect. */
    nextEarly: (): number | undefined => nextEarly.get()?.at ?? undefined,

    /** Lets those take effect whose instant has come, the first ones first. @returns them by opening */
    takeEffect(until: number, limit: number): Map<number, SensorReading[]> {
      const byOpening = new Map<number, SensorReading[]>();
      for (const row of early.all({ at: until, limit })) {
        takeEffect.run({ ...row, open: bit(row.open) });
        const { openingId, id, open, at } = row;
        const ofOpening = byOpening.get(openingId) ?? [];
        ofOpening.push({ id, state: open ? 'OPEN' : 'CLOSED', at });
        byOpening.set(openingId, ofOpening);
      }
      return byOpening;
    },
  };
}
