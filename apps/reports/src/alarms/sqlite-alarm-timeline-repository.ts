import { sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/sqlite-core';
import { buildScopeValueSql, createSqliteListRepository } from '../connections/sqlite-list-repository.js';
import type { ReportsDrizzle } from '../db/reports-database.js';
import { alarmTimeline, alarmTimelineColumns } from '../db/schema.js';
import type { AlarmTimelineEntry } from '../domain/read-model.js';
import type { AlarmTimelineRepository } from './alarm-repository.js';

const listed = alias(alarmTimeline, 'listed');

/** Creates the {@link AlarmTimelineRepository} over the `alarm_timeline` table. */
export const createSqliteAlarmTimelineRepository = (db: ReportsDrizzle): AlarmTimelineRepository =>
  createSqliteListRepository(db, {
    table: alarmTimeline,
    listed,
    columns: alarmTimelineColumns,
    sortColumns: ['version'],
    buildConditions: () => [sql`${listed.alarmId} = ${buildScopeValueSql('alarmId')}`],
    toItem: (entry: AlarmTimelineEntry) => ({ node: entry, sortKey: [entry.version] }),
  });
