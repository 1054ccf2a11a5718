import type { AlarmReader } from '../queries/alarm-reader.js';
import { alarmBounds, alarmConditions, listed } from './alarm-conditions.js';
import { fromAlarmRow } from './alarm-row.js';
import { inList } from './in-list.js';
import { createListReader } from './list-reader.js';
import type { Db } from './open.js';
import { promised } from './promised.js';
import { alarms } from './schema.js';

export const createAlarmReader = (db: Db): AlarmReader => ({
  byIds: (ids) =>
    promised(() => {
      const rows = db.select().from(alarms).where(inList(alarms.id, ids)).all();
      return new Map(rows.map((row) => [row.id, fromAlarmRow(row).state]));
    }),

  ...createListReader(db, {
    table: alarms,
    listed,
    order: ['raisedAt', 'id'],
    conditions: alarmConditions,
    within: alarmBounds,
    read(row) {
      const { state } = fromAlarmRow(row);
      return { node: state, place: [state.raisedAt, state.id] };
    },
  }),
});
