import { randomUUID } from 'node:crypto';
import type { CalendarDate } from '@seguridad-abc/contracts';
import {
  CalendarNamesOfUserDocument,
  CalendarsOfUserDocument,
  CreateCalendarDocument,
  DeleteCalendarDocument,
  UpdateCalendarDocument,
  type CalendarWithDatesFragment,
  type HolidaysInput,
} from '../../graphql/generated.js';
import {
  getResponseData,
  GraphQLRequestError,
  sendWithRetries,
  type GraphQLClient,
  type GraphQLResponse,
} from '../../graphql/graphql-client.js';
import { UsageError } from '../../shared/errors.js';

/** A calendar as the API returns it. */
export type Calendar = Omit<CalendarWithDatesFragment, 'dates'> & { readonly dates: readonly CalendarDate[] };

/** How a command names a calendar. */
export interface CalendarSelector {
  readonly user: string;
  readonly name?: string | undefined;
  /** The id. */
  readonly calendar?: string | undefined;
}

/** What a command writes. */
export interface CalendarChange {
  readonly dates?: readonly CalendarDate[];
  readonly holidays?: HolidaysInput;
}

export interface CalendarRequests {
  /** All calendars of a user; none if the user is unknown. */
  list(userId: string): Promise<readonly Calendar[]>;
  /**
   * @returns undefined if the user has no calendar of this name
   * @throws UsageError if the user has no calendar with this id
   */
  find(selector: CalendarSelector): Promise<Calendar | undefined>;
  /** Changes a calendar if it is still at this version, or creates it. Later commands then see it. */
  save(present: Calendar | undefined, selector: CalendarSelector, change: CalendarChange): Promise<Calendar>;
  delete(calendar: Calendar): Promise<void>;
}

/**
 * Creates the requests of the command `calendar`. They throw a GraphQLRequestError if the server refuses one.
 * @param signal ends the retries
 */
export function createCalendarRequests(client: GraphQLClient, signal: AbortSignal): CalendarRequests {
  const list = async (userId: string): Promise<readonly Calendar[]> => {
    const response = await sendWithRetries(() => client.execute(CalendarsOfUserDocument, { userId }), signal);
    const { user } = getResponseData(response, `The calendars of ${userId} cannot be read`);
    return (user?.calendars ?? []).map(toCalendar);
  };
  /** Waits until reports has a change. */
  const waitForReports = async (userId: string, { extensions }: GraphQLResponse<unknown>) => {
    await sendWithRetries(
      () => client.execute(CalendarNamesOfUserDocument, { userId }, extensions?.consistencyToken),
      signal,
    );
  };
  return {
    list,
    async find({ user, name, calendar: id }) {
      const calendars = await list(user);
      if (id === undefined) return calendars.find((each) => each.name === normalizeName(name ?? ''));
      const found = calendars.find((each) => each.id === id);
      if (found) return found;
      throw new UsageError(
        `${user} has no calendar with the id ${id}: npm run calendar -- list --user ${user} shows the ids.`,
      );
    },
    async save(present, { user, name = '' }, { dates, holidays }) {
      const clientMutationId = `calendar-${randomUUID()}`;
      const input = { clientMutationId, ...(dates && { dates: [...dates] }), ...(holidays && { holidays }) };
      if (present) {
        const changes = { ...input, id: present.id, expectedVersion: present.version };
        const response = await sendWithRetries(
          () => client.execute(UpdateCalendarDocument, { input: changes }),
          signal,
        );
        const { updateCalendar } = getResponseData(
          response,
          `The calendar "${present.name}" cannot be changed`,
        );
        await waitForReports(user, response);
        return toCalendar(updateCalendar.calendar);
      }
      const calendar = { dates: [], ...input, userId: user, name };
      const response = await sendWithRetries(
        () => client.execute(CreateCalendarDocument, { input: calendar }),
        signal,
      );
      const { createCalendar } = getResponseData(response, `The calendar "${name}" cannot be created`);
      await waitForReports(user, response);
      return toCalendar(createCalendar.calendar);
    },
    async delete({ id, name, version }) {
      const input = { clientMutationId: `calendar-${randomUUID()}`, id, expectedVersion: version };
      const response = await sendWithRetries(() => client.execute(DeleteCalendarDocument, { input }), signal);
      const ruleIds = response.errors?.[0]?.extensions?.ruleIds ?? [];
      if (ruleIds.length > 0) {
        throw new GraphQLRequestError(
          `The calendar "${name}" cannot be deleted, because rules name it. Change or delete them first: ${ruleIds.join(', ')}.`,
        );
      }
      getResponseData(response, `The calendar "${name}" cannot be deleted`);
    },
  };
}

const toCalendar = ({ dates, ...calendar }: CalendarWithDatesFragment): Calendar => ({
  ...calendar,
  dates: dates.map(({ windows, ...date }) => ({ ...date, windows: [...windows] })),
});

/** The server stores names in this form. */
const normalizeName = (name: string): string => name.trim().normalize('NFC');
