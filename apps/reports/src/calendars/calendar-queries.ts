import type { CalendarDate } from '@seguridad-abc/contracts';
import DataLoader from 'dataloader';
import { filterAccessibleEntities, type RequestCaller } from '../access/caller-access.js';
import { createListLoader } from '../connections/list-loader.js';
import { createEntityLoader, createKeyLoader, type EntityArrivals } from '../consistency/projection-waits.js';
import type { CalendarSummary, ProjectedCalendarRepository } from './calendar-repository.js';

/** Calendar queries of one request. To the caller, calendars of users that it may not access do not exist. */
export interface CalendarQueries {
  /** The calendars of a user that are not deleted, newest first. The caller may access the user. */
  listByUser(userId: string): Promise<readonly CalendarSummary[]>;
  /** Finds the calendar that a rule names, also a deleted one. */
  findById(id: string): Promise<CalendarSummary | null>;
  /** Resolves a reference from another subgraph, also to a deleted calendar. Waits for a calendar that is not projected yet. */
  findEntity(id: string): Promise<CalendarSummary | null>;
  /** Loads the dates of a calendar that was found before. */
  loadDates(id: string): Promise<readonly CalendarDate[]>;
}

/** Calendars whose dates one statement reads. It takes about 20 ms if each has the most dates, for which other requests wait. */
const MAX_CALENDARS_PER_STATEMENT = 10;

/** Creates the calendar queries of one request. */
export function createCalendarQueries(
  repository: ProjectedCalendarRepository,
  arrivals: EntityArrivals,
  { caller, waitMs, budget }: RequestCaller,
): CalendarQueries {
  const findByIds = async (ids: readonly string[]) =>
    filterAccessibleEntities(caller, await repository.findByIds(ids));
  const calendars = createKeyLoader(findByIds, budget);
  const entities = createEntityLoader(findByIds, arrivals, { waitMs, budget });
  const lists = createListLoader(repository, budget);
  const dates = new DataLoader<string, readonly CalendarDate[]>(
    async (ids) => {
      await budget.spendReadRows(ids.length);
      await budget.takeTurn();
      const found = await repository.findDates(ids);
      return ids.map((id) => found.get(id) ?? []);
    },
    { maxBatchSize: MAX_CALENDARS_PER_STATEMENT },
  );

  return {
    async listByUser(userId) {
      const items = await lists.loadSlice({ scope: { userId }, filter: {} }, { order: 'descending' });
      await budget.spendReturnedRows(items.length);
      return items.map(({ node }) => node);
    },
    findById: (id) => calendars.load(id),
    findEntity: (id) => entities.load(id),
    async loadDates(id) {
      const found = await dates.load(id);
      await budget.spendReturnedRows(found.length);
      return found;
    },
  };
}
