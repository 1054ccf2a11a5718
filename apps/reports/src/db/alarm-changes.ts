import { and, asc, eq, gt } from 'drizzle-orm';
import type { AlarmChangesReader } from '../changes/alarm-changes-route.js';
import { BEGINNING } from '../domain/checkpoint.js';
import { alarmChangeOf } from '../domain/project.js';
import { fromAlarmRow } from './alarm-row.js';
import type { Db } from './open.js';
import { promised } from './promised.js';
import { alarms, checkpoint } from './schema.js';

export const createAlarmChanges = (db: Db): AlarmChangesReader => ({
  since: (after, userId, limit) =>
    promised(() =>
      db.transaction((tx) => {
        const { logId, position } = tx.select().from(checkpoint).get() ?? BEGINNING;
        const rows = tx
          .select()
          .from(alarms)
          .where(
            and(gt(alarms.changedPosition, after), userId === null ? undefined : eq(alarms.userId, userId)),
          )
          .orderBy(asc(alarms.changedPosition))
          .limit(limit)
          .all();
        return { logId, position, changes: rows.map(fromAlarmRow).map(alarmChangeOf) };
      }),
    ),
});
