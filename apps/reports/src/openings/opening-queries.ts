import type { RequestCaller } from '../access/caller-access.js';
import { createListLoader } from '../connections/list-loader.js';
import {
  createConnection,
  createCursorCodec,
  parseConnectionArgs,
  type Connection,
  type ConnectionArgs,
} from '../connections/relay-connection.js';
import { createKeyLoader } from '../consistency/projection-waits.js';
import type { ProjectedOpeningState } from '../domain/read-model.js';
import type { OpeningReader, OpeningSortKey } from './opening-repository.js';

/** A page of a list of openings. */
export type OpeningConnection = Connection<ProjectedOpeningState>;

/** Opening queries of one request. The caller may access the users that it passes. */
export interface OpeningQueries {
  /** All openings of a user, ordered by name. */
  listAllByUser(userId: string): Promise<readonly ProjectedOpeningState[]>;
  /**
   * A page of the openings of a user, ordered by name.
   * @throws ExpectedError BAD_USER_INPUT
   */
  listByUser(userId: string, args: ConnectionArgs): OpeningConnection;
}

/** Users whose openings one statement reads. */
const MAX_USERS_PER_STATEMENT = 100;

/** Encodes and decodes the cursors of opening lists. */
const OPENING_CURSOR_CODEC = createCursorCodec<OpeningSortKey>('opening', (name) => [name]);

/** Creates the opening queries of one request. */
export function createOpeningQueries(
  reader: OpeningReader,
  { budget }: Pick<RequestCaller, 'budget'>,
): OpeningQueries {
  const lists = createListLoader(reader, budget);
  const openingsByUser = createKeyLoader(async (userIds) => {
    const found = new Map<string, readonly ProjectedOpeningState[]>();
    for (let start = 0; start < userIds.length; start += MAX_USERS_PER_STATEMENT) {
      if (start > 0) await budget.takeTurn();
      const some = userIds.slice(start, start + MAX_USERS_PER_STATEMENT);
      // One row more than allowed shows that the budget is exceeded.
      for (const [userId, openings] of await reader.findByUserIds(some, budget.remainingRows + 1)) {
        await budget.spendReadRows(openings.length);
        found.set(userId, openings);
      }
    }
    return found;
  }, budget);

  return {
    async listAllByUser(userId) {
      const openings = (await openingsByUser.load(userId)) ?? [];
      await budget.spendReturnedRows(openings.length);
      return openings;
    },
    listByUser: (userId, args) =>
      createConnection(
        lists,
        { scope: { userId }, filter: {} },
        parseConnectionArgs(args, OPENING_CURSOR_CODEC),
        OPENING_CURSOR_CODEC,
        { budget, order: 'ascending' },
      ),
  };
}
