import type { IncomingHttpHeaders } from 'node:http';
import {
  CONSISTENCY_HEADER,
  canReadAlarms,
  parseConsistencyToken,
  type Actor,
} from '@seguridad-abc/contracts';
import { forbiddenError } from '@seguridad-abc/platform';
import type { Progress } from '../queries/progress.js';
import type { NewQueries, Queries } from '../queries/queries.js';

/** What the resolvers of one request work with. */
export interface Context {
  readonly queries: Queries;
  /** Where the read model lacks what the request had to see: how long ago that was written, in ms. */
  readonly staleness: number | undefined;
}

export interface ContextOptions {
  readonly newQueries: NewQueries;
  readonly progress: Pick<Progress, 'reaches'>;
  /** How long a request waits for the projection, at most. */
  readonly waitMs: number;
  /** The server's instant, in ms since 1970. */
  readonly now: () => number;
}

/** @throws ExpectedError FORBIDDEN where a caller may read nothing here */
export function assertReader<Caller extends Actor>(caller: Caller): Caller {
  if (!canReadAlarms(caller)) throw forbiddenError('A device may record readings, and nothing else.');
  return caller;
}

/** A request that names the state which it has to see waits for that once, and then for no entity. */
export const contextFactory =
  ({ newQueries, progress, waitMs, now }: ContextOptions) =>
  async (caller: Actor, headers: IncomingHttpHeaders): Promise<Context> => {
    const token = parseConsistencyToken(headers[CONSISTENCY_HEADER]);
    if (!token) return { queries: newQueries({ caller, waitMs }), staleness: undefined };
    const reached = await progress.reaches(token, waitMs);
    return {
      queries: newQueries({ caller, waitMs: 0 }),
      staleness: reached ? undefined : Math.max(0, now() - token.at),
    };
  };

export const answerExtensions = ({ staleness }: Context) =>
  staleness === undefined ? undefined : { staleness };
