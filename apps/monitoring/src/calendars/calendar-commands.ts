import type { CalendarEvent, CalendarState } from '@seguridad-abc/contracts';
import { createValidResult } from '@seguridad-abc/evaluation';
import {
  executeCommand,
  type IdempotentInput,
  type TransactionalAggregateRepository,
} from '../commands/execute-command.js';
import {
  decideCreateCalendar,
  decideDeleteCalendar,
  decideUpdateCalendar,
  type CheckedHolidays,
  type CreateCalendarCommand,
  type DeleteCalendarCommand,
  type UpdateCalendarCommand,
} from '../domain/calendar-decisions.js';
import { rejectDeviceCaller, type CommandCaller } from '../domain/decision.js';
import type { HolidaysInput } from '../domain/holidays-input.js';
import type { HolidayFinder } from './holidays.js';

/** Rejects a name that another calendar of the same user has (`CONFLICT`). */
export interface CalendarRepository extends TransactionalAggregateRepository<CalendarState, CalendarEvent> {
  /** Lists some of the rules that name a calendar and are not deleted. To be called inside the transaction of a decision. */
  listRuleIds(calendarId: string): Promise<readonly string[]>;
}

/** The holidays that a command adds to the dates. */
interface WithHolidays {
  readonly holidays?: HolidaysInput | null | undefined;
}

/** Each command resolves to the calendar as it is saved, and throws an ExpectedError if it is rejected. */
export interface CalendarCommands {
  createCalendar(
    caller: CommandCaller,
    input: IdempotentInput<CreateCalendarCommand & WithHolidays>,
  ): Promise<CalendarState>;
  updateCalendar(
    caller: CommandCaller,
    input: IdempotentInput<UpdateCalendarCommand & WithHolidays>,
  ): Promise<CalendarState>;
  deleteCalendar(
    caller: CommandCaller,
    input: IdempotentInput<DeleteCalendarCommand>,
  ): Promise<CalendarState>;
}

const NO_HOLIDAYS: CheckedHolidays = createValidResult([]);

/** @param createId creates ids that sort by time and cannot be guessed */
export function createCalendarCommands(
  calendars: CalendarRepository,
  holidayFinder: HolidayFinder,
  createId: () => string,
): CalendarCommands {
  /** A decision is synchronous, so the holidays are known before it. */
  const resolveHolidays = async (
    caller: CommandCaller,
    { holidays }: WithHolidays,
  ): Promise<CheckedHolidays> =>
    holidays === null || holidays === undefined || rejectDeviceCaller(caller)
      ? NO_HOLIDAYS
      : holidayFinder.find(holidays);

  return {
    async createCalendar(caller, input) {
      const id = createId();
      const holidays = await resolveHolidays(caller, input);
      return executeCommand(calendars, 'createCalendar', input, {
        id,
        caller,
        userId: input.userId ?? caller.id,
        decide: (_, context) => decideCreateCalendar(id, input, holidays, context),
      });
    },
    async updateCalendar(caller, input) {
      const holidays = await resolveHolidays(caller, input);
      return executeCommand(calendars, 'updateCalendar', input, {
        id: input.id,
        caller,
        decide: (calendar, context) => decideUpdateCalendar(calendar, input, holidays, context),
      });
    },
    deleteCalendar: (caller, input) =>
      executeCommand(calendars, 'deleteCalendar', input, {
        id: input.id,
        caller,
        async decide(calendar, context) {
          // A decision is synchronous, so the rules are known before it.
          const ruleIds = calendar ? await calendars.listRuleIds(calendar.id) : [];
          return decideDeleteCalendar(calendar, input, () => ruleIds, context);
        },
      }),
  };
}
