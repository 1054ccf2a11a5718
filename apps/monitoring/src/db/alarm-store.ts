import type { AlarmStore } from '../commands/state-store.js';
import { alarmStateOf } from '../domain/alarm-record.js';
import type { Append } from './append.js';
import type { Records } from './records.js';
import { createStateStore, type StateStoreOptions } from './state-store.js';

export interface AlarmStoreOptions extends StateStoreOptions {
  readonly records: Pick<Records, 'alarms'>;
  readonly append: Append;
}

export const createAlarmStore = ({
  records: { alarms },
  append,
  ...options
}: AlarmStoreOptions): AlarmStore => {
  const byId = (id: string) => {
    const record = alarms.byId(id);
    return record && alarmStateOf(record);
  };
  return createStateStore(
    {
      byId,
      byIds: (ids) => alarms.byIds(ids).map(alarmStateOf),
      save(event, _before, actor) {
        const { alarm } = event.data;
        append(event, alarm.updatedAt, actor);
        alarms.update(alarm);
      },
    },
    options,
  );
};
