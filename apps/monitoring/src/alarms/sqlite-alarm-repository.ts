import { alarmStateSchema, pickFields } from '@seguridad-abc/contracts';
import {
  createSqliteAggregateRepository,
  type SqliteRepositoryOptions,
} from '../db/sqlite-aggregate-repository.js';
import { evolveAlarm } from '../domain/alarm-decisions.js';
import type { AlarmRepository } from './alarm-commands.js';
import type { AlarmTableAccess } from './alarm-tables.js';

export const createSqliteAlarmRepository = (
  { alarms }: AlarmTableAccess,
  options: SqliteRepositoryOptions,
): AlarmRepository =>
  createSqliteAggregateRepository(
    {
      find(id) {
        const record = alarms.findById(id);
        return record && pickFields(alarmStateSchema, record);
      },
      findAll: (ids) => alarms.findByIds(ids).map((record) => pickFields(alarmStateSchema, record)),
      evolve: evolveAlarm,
      save: (alarm) => alarms.updateState(alarm),
    },
    options,
  );
