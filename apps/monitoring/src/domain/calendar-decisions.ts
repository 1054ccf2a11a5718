import {
  calendarStateSchema,
  hasEqualFields,
  MAX_CALENDAR_DATES,
  type CalendarDate,
  type CalendarEvent,
  type CalendarState,
} from '@seguridad-abc/contracts';
import {
  checkCalendarDates,
  checkCalendarName,
  checkOwnerUserId,
  combineCheckResults,
  createInvalidResult,
  createValidResult,
  type CalendarDateInput,
  type InputCheckResult,
} from '@seguridad-abc/evaluation';
import { findChangedFields, type AggregateChange } from './audit-record.js';
import {
  accept,
  getAccessibleState,
  getLaterInstant,
  rejectConflict,
  rejectDeviceCaller,
  rejectInput,
  rejectNotFound,
  rejectStaleVersion,
  type CommandContext,
  type Decision,
  type Rejection,
} from './decision.js';

export interface CreateCalendarCommand {
  /** The owner; the caller if absent. */
  readonly userId?: string | null | undefined;
  readonly name: string;
  readonly dates: readonly CalendarDateInput[];
}

/** An absent field keeps its value. */
export interface UpdateCalendarCommand {
  readonly id: string;
  readonly expectedVersion?: number | null | undefined;
  readonly name?: string | null | undefined;
  readonly dates?: readonly CalendarDateInput[] | null | undefined;
}

export interface DeleteCalendarCommand {
  readonly id: string;
  readonly expectedVersion?: number | null | undefined;
}

/** The holidays that a command adds, or why its input does not name any. */
export type CheckedHolidays = InputCheckResult<readonly CalendarDate[]>;

/** The largest number of rules that the rejection of a deletion names. */
export const MAX_NAMED_RULES = 10;

/** Decides `createCalendar`. @param id the id of the new calendar */
export function decideCreateCalendar(
  id: string,
  command: CreateCalendarCommand,
  holidays: CheckedHolidays,
  { caller, now }: CommandContext,
): Decision<CalendarEvent> {
  const forbidden = rejectDeviceCaller(caller);
  if (forbidden) return forbidden;
  const checked = combineCheckResults<Pick<CalendarState, 'userId' | 'name' | 'dates'>>({
    userId: checkOwnerUserId(caller, command.userId),
    name: checkCalendarName(command.name),
    dates: addHolidays(checkCalendarDates(command.dates), holidays),
  });
  if ('faults' in checked) return rejectInput(checked.faults);
  return acceptCalendar('CalendarCreated', {
    id,
    ...checked.value,
    createdAt: now,
    updatedAt: now,
    deletedAt: null,
    version: 1,
  });
}

/** Decides `updateCalendar`. A change that changes no field is accepted without an event. */
export function decideUpdateCalendar(
  calendar: CalendarState | undefined,
  command: UpdateCalendarCommand,
  holidays: CheckedHolidays,
  { caller, now }: CommandContext,
): Decision<CalendarEvent> {
  const present = findChangeableCalendar(calendar, caller);
  if ('kind' in present) return present;
  const { name, dates } = command;
  const checked = combineCheckResults<Pick<CalendarState, 'name' | 'dates'>>({
    name:
      name === undefined
        ? createValidResult(present.name)
        : name === null
          ? rejectNull('name')
          : checkCalendarName(name),
    dates: addHolidays(
      dates === undefined
        ? createValidResult(present.dates)
        : dates === null
          ? rejectNull('dates')
          : checkCalendarDates(dates),
      holidays,
    ),
  });
  if ('faults' in checked) return rejectInput(checked.faults);
  const stale = rejectStaleVersion('calendar', present, command.expectedVersion);
  if (stale) return stale;
  const changed = { ...present, ...checked.value };
  if (hasEqualFields(calendarStateSchema, present, changed)) return accept();
  return acceptCalendar('CalendarUpdated', {
    ...changed,
    updatedAt: getLaterInstant(now, present.updatedAt),
    version: present.version + 1,
  });
}

/**
 * Decides `deleteCalendar`. The calendar stays on record with `deletedAt`.
 * @param listRuleIds lists rules that name the calendar and are not deleted, at most `MAX_NAMED_RULES`
 */
export function decideDeleteCalendar(
  calendar: CalendarState | undefined,
  command: DeleteCalendarCommand,
  listRuleIds: () => readonly string[],
  { caller, now }: CommandContext,
): Decision<CalendarEvent> {
  const present = findChangeableCalendar(calendar, caller);
  if ('kind' in present) return present;
  const stale = rejectStaleVersion('calendar', present, command.expectedVersion);
  if (stale) return stale;
  const ruleIds = listRuleIds();
  if (ruleIds.length > 0) {
    const message =
      'Rules name this calendar (extensions.ruleIds). Change or delete them, then delete the calendar.';
    return rejectConflict('id', message, { ruleIds });
  }
  const deletedAt = getLaterInstant(now, present.updatedAt);
  return acceptCalendar('CalendarDeleted', {
    ...present,
    deletedAt,
    updatedAt: deletedAt,
    version: present.version + 1,
  });
}

/** An event carries the complete new state of the calendar. */
export const evolveCalendar = (_calendar: CalendarState | undefined, event: CalendarEvent): CalendarState =>
  event.data.calendar;

const acceptCalendar = (type: CalendarEvent['type'], calendar: CalendarState): Decision<CalendarEvent> =>
  accept<CalendarEvent>({ type, version: 1, data: { calendar } });

function findChangeableCalendar(
  calendar: CalendarState | undefined,
  caller: CommandContext['caller'],
): CalendarState | Rejection {
  const forbidden = rejectDeviceCaller(caller);
  if (forbidden) return forbidden;
  const present = getAccessibleState(caller, calendar);
  return present?.deletedAt === null ? present : rejectNotFound('calendar');
}

const rejectNull = (field: string) => createInvalidResult([field], 'NULL', `${field} must not be null.`);

/** Adds the holidays whose dates a calendar does not have. */
function addHolidays(
  dates: InputCheckResult<readonly CalendarDate[]>,
  holidays: CheckedHolidays,
): InputCheckResult<CalendarDate[]> {
  const checked = combineCheckResults({ dates, holidays });
  if ('faults' in checked) return checked;
  const present = new Set(checked.value.dates.map(({ date }) => date));
  const added = checked.value.holidays.filter(({ date }) => !present.has(date));
  const all = [...checked.value.dates, ...added].sort((a, b) => (a.date < b.date ? -1 : 1));
  if (all.length <= MAX_CALENDAR_DATES) return createValidResult(all);
  return createInvalidResult(
    ['holidays'],
    'OUT_OF_RANGE',
    `A calendar may have ${MAX_CALENDAR_DATES} dates; with the holidays there are ${all.length}.`,
  );
}

/** Whether a change of a calendar begins new versions of the rules that name it. @param before undefined for a new calendar */
export const hasNewDates = (before: CalendarState | undefined, after: CalendarState): boolean =>
  !before || JSON.stringify(before.dates) !== JSON.stringify(after.dates);

/** What the audit trail records of a change: of dates, those that differ. A calendar may have 2,000. */
export function findCalendarChanges(
  before: CalendarState | undefined,
  after: CalendarState,
): AggregateChange {
  const changes = findChangedFields(before, after);
  if (!before || !changes.before || !('dates' in changes.after)) return changes;
  return {
    before: { ...changes.before, dates: omitEqualDates(before.dates, after.dates) },
    after: { ...changes.after, dates: omitEqualDates(after.dates, before.dates) },
  };
}

function omitEqualDates(dates: readonly CalendarDate[], others: readonly CalendarDate[]): CalendarDate[] {
  const texts = new Set(others.map((date) => JSON.stringify(date)));
  return dates.filter((date) => !texts.has(JSON.stringify(date)));
}
