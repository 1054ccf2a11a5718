import { runConcurrently } from '../../command-line/run-concurrently.js';
import { CalendarNamesOfUserDocument } from '../../graphql/generated.js';
import {
  getResponseData,
  GraphQLRequestError,
  sendWithRetries,
  type GraphQLClient,
} from '../../graphql/graphql-client.js';
import type { RowFault, RuleRow } from './parse-rules-csv.js';

/** Users whose calendars are read at the same time. */
const CONCURRENCY = 8;

/** Number of names in a message about an unknown calendar. */
const MAX_LISTED_NAMES = 10;

/** The ids of a user's calendars by name, or why they cannot be read. */
type UserCalendars = { readonly ids: ReadonlyMap<string, string> } | { readonly problem: string };

/**
 * Adds the ids of the calendars that the rows name. A row whose user has no calendar of that name gets a fault.
 * @throws UnreachableError
 */
export async function resolveCalendars(
  client: GraphQLClient,
  rows: readonly RuleRow[],
  signal: AbortSignal,
): Promise<readonly RuleRow[]> {
  const userIds = new Set(
    rows.flatMap(({ calendar, input: { userId } }) => (calendar === null ? [] : [userId ?? ''])),
  );
  const calendarsOfUsers = new Map<string, UserCalendars>();
  await runConcurrently([...userIds], { concurrency: CONCURRENCY, signal }, async (userId) => {
    calendarsOfUsers.set(userId, await readCalendars(client, userId, signal));
  });
  // After an abort, the calendars of some users are unknown.
  signal.throwIfAborted();
  return rows.map((row) => {
    const calendars = calendarsOfUsers.get(row.input.userId ?? '');
    return row.calendar === null || !calendars ? row : addCalendarId(row, row.calendar, calendars);
  });
}

async function readCalendars(
  client: GraphQLClient,
  userId: string,
  signal: AbortSignal,
): Promise<UserCalendars> {
  try {
    const response = await sendWithRetries(
      () => client.execute(CalendarNamesOfUserDocument, { userId }),
      signal,
    );
    const { user } = getResponseData(response, `The calendars of ${userId} cannot be read`);
    return { ids: new Map((user?.calendars ?? []).map(({ id, name }) => [name, id])) };
  } catch (error) {
    if (error instanceof GraphQLRequestError) return { problem: error.message };
    throw error;
  }
}

function addCalendarId(row: RuleRow, name: string, calendars: UserCalendars): RuleRow {
  const addFault = (code: string, message: string): RuleRow => {
    const fault: RowFault = { column: 'calendar', code, message };
    return { ...row, faults: [...row.faults, fault] };
  };
  if ('problem' in calendars) return addFault('NOT_FOUND', calendars.problem);
  // The server stores names in this form.
  const calendarId = calendars.ids.get(name.trim().normalize('NFC'));
  if (calendarId !== undefined) return { ...row, input: { ...row.input, calendarId } };
  const owner = row.input.userId ?? 'the user';
  const names = [...calendars.ids.keys()].map((each) => `"${each}"`);
  const hint =
    names.length === 0
      ? 'The user has no calendar.'
      : `The user has ${names.slice(0, MAX_LISTED_NAMES).join(', ')}.`;
  return addFault(
    'NOT_FOUND',
    `There is no calendar "${name}" of ${owner}: create it with npm run calendar, or correct the name. ${hint}`,
  );
}
