import { formatInstant, type OpeningExceptionState } from '@seguridad-abc/contracts';
import type { RequestCaller } from '../access/caller-access.js';
import { createListLoader } from '../connections/list-loader.js';
import type { ExceptionFilter, ProjectedExceptionRepository } from './exception-repository.js';

/** Exception queries of one request. The caller may access the users that it passes. */
export interface ExceptionQueries {
  /**
   * The exceptions of a user, the last to end first: those that have not ended, then those that ended last.
   * @param active true: those that are in effect now; false: the others; null: all
   */
  listByUser(userId: string, active: boolean | null): Promise<readonly OpeningExceptionState[]>;
}

/** A quota bounds the exceptions that have not ended. Ended ones stay forever, so a list has only the last. */
const MAX_LISTED_ENDED_EXCEPTIONS = 100;

/**
 * Creates the exception queries of one request.
 * @param now returns the current instant in ms since 1970
 */
export function createExceptionQueries(
  repository: ProjectedExceptionRepository,
  { budget }: Pick<RequestCaller, 'budget'>,
  now: () => number,
): ExceptionQueries {
  const lists = createListLoader(repository, budget);
  // One instant for the whole request: equal lists then share a statement.
  const at = formatInstant(now());
  const load = async (userId: string, filter: ExceptionFilter, limit?: number) => {
    const items = await lists.loadSlice({ scope: { userId }, filter }, { order: 'descending', limit });
    return items.map(({ node }) => node);
  };

  return {
    async listByUser(userId, active) {
      const ends = { at, isAfter: true };
      const begins = { at, isAfter: active === false };
      const [current, ended] = await Promise.all([
        load(userId, active === null ? { ends } : { ends, begins }),
        active === true ? [] : load(userId, { ends: { at, isAfter: false } }, MAX_LISTED_ENDED_EXCEPTIONS),
      ]);
      const exceptions = [...current, ...ended];
      await budget.spendReturnedRows(exceptions.length);
      return exceptions;
    },
  };
}
