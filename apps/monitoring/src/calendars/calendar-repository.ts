import { calendarStateSchema, type CalendarState } from '@seguridad-abc/contracts';
import { and, count, eq, inArray, isNull, sql } from 'drizzle-orm';
import type { MonitoringDrizzle } from '../db/monitoring-database.js';
import { prepare } from '../db/prepared-statement.js';
import { getTables } from '../db/schema.js';
import { createAggregateRepository, type RepositoryOptions } from '../db/aggregate-repository.js';
import { isUniqueViolation } from '../db/unique-violation.js';
import {
  evolveCalendar,
  findCalendarChanges,
  hasNewDates,
  MAX_NAMED_RULES,
} from '../domain/calendar-decisions.js';
import { rejectConflict, type EventCause, type Rejection } from '../domain/decision.js';
import { isBoundByQuotas, rejectQuota, type Quotas } from '../domain/quotas.js';
import type { CalendarRepository } from './calendar-commands.js';
import type { CalendarVersionTable } from './calendar-version-table.js';

export type CalendarTable = ReturnType<typeof createCalendarTable>;

/** The table of calendars. Writes belong inside a transaction. */
export function createCalendarTable(db: MonitoringDrizzle) {
  const { calendars } = getTables(db);
  const byId = prepare(
    db,
    db
      .select()
      .from(calendars)
      .where(eq(calendars.id, sql.placeholder('id'))),
  );
  const isOfUser = and(eq(calendars.userId, sql.placeholder('userId')), isNull(calendars.deletedAt));
  const ofUser = prepare(db, db.select({ count: count() }).from(calendars).where(isOfUser));
  const ownedById = prepare(
    db,
    db
      .select({ id: calendars.id })
      .from(calendars)
      .where(and(eq(calendars.id, sql.placeholder('id')), isOfUser)),
  );

  return {
    findById: (id: string): Promise<CalendarState | undefined> => byId.get({ id }),
    findByIds: async (ids: readonly string[]): Promise<CalendarState[]> =>
      db
        .select()
        .from(calendars)
        .where(inArray(calendars.id, [...ids])),
    /** Whether a user has a calendar that is not deleted. */
    has: async (userId: string, id: string): Promise<boolean> =>
      (await ownedById.get({ userId, id })) !== undefined,
    /** The number of calendars of a user that are not deleted. */
    countOfUser: async (userId: string): Promise<number> => (await ofUser.get({ userId }))?.count ?? 0,
    async upsert(calendar: CalendarState): Promise<void> {
      await db.insert(calendars).values(calendar).onConflictDoUpdate({ target: calendars.id, set: calendar });
    },
  };
}

export interface CalendarRepositoryOptions extends RepositoryOptions {
  readonly table: CalendarTable;
  /** Reads what is committed. */
  readonly reader: Pick<CalendarTable, 'findByIds'>;
  readonly versions: CalendarVersionTable;
  readonly rules: {
    /** Some of the rules that name a calendar and are not deleted. */
    listIdsOfCalendar(calendarId: string, limit: number): Promise<readonly string[]>;
  };
  readonly evaluationRequests: {
    /** Lets the scheduler evaluate the rules that name a changed calendar. */
    requestOfCalendar(calendar: CalendarState): Promise<void>;
  };
  readonly quotas: Quotas;
}

export function createCalendarRepository(options: CalendarRepositoryOptions): CalendarRepository {
  const { table, versions, rules, evaluationRequests } = options;
  return {
    listRuleIds: (calendarId) => rules.listIdsOfCalendar(calendarId, MAX_NAMED_RULES),
    ...createAggregateRepository(
      {
        stateSchema: calendarStateSchema,
        find: table.findById,
        findAll: options.reader.findByIds,
        evolve: evolveCalendar,
        findChanges: findCalendarChanges,
        checkQuotas: (calendar, before, cause) => checkCalendarQuotas(calendar, before, cause, options),
        async save(calendar, before) {
          await table.upsert(calendar);
          if (!hasNewDates(before, calendar)) return;
          await versions.add(calendar);
          await evaluationRequests.requestOfCalendar(calendar);
        },
        explainError: (error) => (isUniqueViolation(error, 'calendars.name') ? NAME_CONFLICT : undefined),
      },
      options,
    ),
  };
}

const NAME_CONFLICT = rejectConflict(
  'name',
  'The user already has a calendar of this name. Choose another name.',
);

/** Versions of a calendar that late readings can be evaluated under. Each one splits the versions of the rules that name it. */
const MAX_RECENT_CALENDAR_VERSIONS = 50;

async function checkCalendarQuotas(
  calendar: CalendarState,
  before: CalendarState | undefined,
  { actor, now }: EventCause,
  { table, versions, quotas }: Pick<CalendarRepositoryOptions, 'table' | 'versions' | 'quotas'>,
): Promise<Rejection | undefined> {
  if (!actor || !isBoundByQuotas(actor)) return undefined;
  if (!before) {
    const limit = quotas.calendarsPerUser;
    return (await table.countOfUser(calendar.userId)) >= limit
      ? rejectQuota(['name'], limit, `A user may have ${limit} calendars. Delete one, or change it.`)
      : undefined;
  }
  const since = Date.parse(now) - quotas.latenessMs;
  if (
    !hasNewDates(before, calendar) ||
    (await versions.countSince(calendar.id, since)) < MAX_RECENT_CALENDAR_VERSIONS
  )
    return undefined;
  const message = `The dates of this calendar were changed too often lately: ${MAX_RECENT_CALENDAR_VERSIONS} times. Try again later.`;
  return rejectQuota(['id'], MAX_RECENT_CALENDAR_VERSIONS, message);
}
