import type { CalendarDate, CalendarState } from '@seguridad-abc/contracts';
import type { ListRepository } from '../connections/list-repository.js';

/** A calendar without its dates, of which it can have 2,000. */
export type CalendarSummary = Omit<CalendarState, 'dates'>;

/** Columns that the scope of a calendar list may fix. */
export type CalendarScopeColumn = 'userId';

/** Calendars are listed in the order of their creation. */
export type CalendarSortKey = readonly [createdAt: string, id: string];

/** Lists of calendars have no filter. */
export type CalendarFilter = Readonly<Record<string, never>>;

/** Reads projected calendars. Lists omit deleted calendars. Each method runs one statement. */
export interface ProjectedCalendarRepository extends ListRepository<
  CalendarScopeColumn,
  CalendarFilter,
  CalendarSummary,
  CalendarSortKey
> {
  /** Finds calendars by id, including deleted ones. */
  findByIds(ids: readonly string[]): Promise<ReadonlyMap<string, CalendarSummary>>;
  /** Finds the dates of calendars by the ids of these. */
  findDates(ids: readonly string[]): Promise<ReadonlyMap<string, readonly CalendarDate[]>>;
}
