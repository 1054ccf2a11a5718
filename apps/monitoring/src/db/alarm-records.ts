import type { AlarmState } from '@seguridad-abc/contracts';
import { and, eq, inArray, sql } from 'drizzle-orm';
import type { AlarmRecord } from '../domain/alarm-record.js';
import type { Db } from './open.js';
import { placeholders, replaced } from './prepared.js';
import { alarms } from './schema.js';

/** Alarms; to be used inside a transaction. */
export function createAlarmRecords(db: Db) {
  const ofInterval = db
    .select()
    .from(alarms)
    .where(
      and(eq(alarms.openingId, sql.placeholder('openingId')), eq(alarms.startId, sql.placeholder('startId'))),
    )
    .prepare();
  const byId = db
    .select()
    .from(alarms)
    .where(eq(alarms.id, sql.placeholder('id')))
    .prepare();
  const put = db
    .insert(alarms)
    .values(placeholders(alarms))
    .onConflictDoUpdate({ target: alarms.id, set: replaced(alarms) })
    .prepare();

  return {
    /** Those raised of the interval that a reading starts, or once started. */
    ofInterval: (openingId: number, startId: string): AlarmRecord[] => ofInterval.all({ openingId, startId }),
    byId: (id: string): AlarmRecord | undefined => byId.get({ id }),
    byIds: (ids: readonly string[]): AlarmRecord[] =>
      db
        .select()
        .from(alarms)
        .where(inArray(alarms.id, [...ids]))
        .all(),
    put(alarm: AlarmRecord): void {
      put.run({ ...alarm });
    },
    /** One that is on record. */
    update({ id, ...state }: AlarmState): void {
      db.update(alarms).set(state).where(eq(alarms.id, id)).run();
    },
  };
}
