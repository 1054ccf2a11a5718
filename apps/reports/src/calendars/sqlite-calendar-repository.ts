import { buildIsOneOfSql, runAsPromise } from '@seguridad-abc/platform';
import { eq, isNull } from 'drizzle-orm';
import { alias } from 'drizzle-orm/sqlite-core';
import { buildScopeValueSql, createSqliteListRepository } from '../connections/sqlite-list-repository.js';
import type { ReportsDrizzle } from '../db/reports-database.js';
import { calendars, calendarSummaryColumns } from '../db/schema.js';
import type { CalendarSummary, ProjectedCalendarRepository } from './calendar-repository.js';

const listed = alias(calendars, 'listed');

/** Creates the {@link ProjectedCalendarRepository} over the `calendars` table. */
export const createSqliteProjectedCalendarRepository = (db: ReportsDrizzle): ProjectedCalendarRepository => ({
  findByIds: (ids) =>
    runAsPromise(() => {
      const found = db
        .select(calendarSummaryColumns)
        .from(calendars)
        .where(buildIsOneOfSql(calendars.id, ids))
        .all();
      return new Map(found.map((calendar) => [calendar.id, calendar]));
    }),

  findDates: (ids) =>
    runAsPromise(() => {
      const found = db
        .select({ id: calendars.id, dates: calendars.dates })
        .from(calendars)
        .where(buildIsOneOfSql(calendars.id, ids))
        .all();
      return new Map(found.map(({ id, dates }) => [id, dates]));
    }),

  ...createSqliteListRepository(db, {
    table: calendars,
    listed,
    columns: calendarSummaryColumns,
    sortColumns: ['createdAt', 'id'],
    buildConditions: (scopeColumns) => [
      isNull(listed.deletedAt),
      ...scopeColumns.map((column) => eq(listed[column], buildScopeValueSql(column))),
    ],
    toItem: (calendar: CalendarSummary) => ({ node: calendar, sortKey: [calendar.createdAt, calendar.id] }),
  }),
});
