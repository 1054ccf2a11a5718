import { formatInstant } from '@seguridad-abc/contracts';
import { MAX_OPENING_NAME_LENGTH } from '@seguridad-abc/evaluation';
import DataLoader from 'dataloader';
import type { RequestCaller } from '../access/caller-access.js';
import { createListLoader } from '../connections/list-loader.js';
import {
  createConnection,
  parseConnectionArgs,
  type Connection,
  type ConnectionArgs,
  type CursorCodec,
  type CursorFormat,
} from '../connections/relay-connection.js';
import { createKeyLoader } from '../consistency/projection-waits.js';
import type { ProjectedOpeningState } from '../domain/read-model.js';
import type { OpeningKey, OpeningReader, OpeningSortKey } from './opening-repository.js';

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
  /** The instant of the last reading of an opening. Null: it has none yet. */
  findLastReadingAt(opening: OpeningKey): Promise<string | null>;
}

/** Users whose openings one statement reads. */
const MAX_USERS_PER_STATEMENT = 100;
/** Openings whose last reading one statement looks up. */
const MAX_OPENINGS_PER_STATEMENT = 1_000;

/** The cursors of opening lists: a name of up to 80 characters of 4 bytes. */
export const OPENING_CURSOR_FORMAT: CursorFormat<OpeningSortKey> = {
  kind: 'opening',
  maxBytes: 4 * MAX_OPENING_NAME_LENGTH,
  parse: (name) => [name],
};

/**
 * Creates the opening queries of one request.
 * @param now returns the current instant in ms since 1970
 */
export function createOpeningQueries(
  reader: OpeningReader,
  cursors: CursorCodec<OpeningSortKey>,
  { budget }: Pick<RequestCaller, 'budget'>,
  now: () => number,
): OpeningQueries {
  const lastHeardInstants = new DataLoader<OpeningKey, number | null, string>(
    async (keys) => {
      await budget.spendReadRows(keys.length);
      if (keys.length === MAX_OPENINGS_PER_STATEMENT) await budget.takeTurn();
      return reader.findLastHeardInstants(keys, now());
    },
    {
      maxBatchSize: MAX_OPENINGS_PER_STATEMENT,
      cacheKeyFn: ({ userId, opening }) => JSON.stringify([userId, opening]),
    },
  );
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
        parseConnectionArgs(args, cursors),
        cursors,
        { budget, order: 'ascending' },
      ),
    async findLastReadingAt(opening) {
      const at = await lastHeardInstants.load(opening);
      return at === null ? null : formatInstant(at);
    },
  };
}
