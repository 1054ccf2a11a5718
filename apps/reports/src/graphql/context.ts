import type { IncomingHttpHeaders } from 'node:http';
import { CONSISTENCY_HEADER, parseConsistencyToken } from '@seguridad-abc/contracts';
import type { Progress } from '../queries/progress.js';
import type { Queries } from '../queries/queries.js';

/** What the resolvers of one request work with. */
export interface Context {
  readonly queries: Queries;
  /** Where the read model lacks what the request had to see: how long ago that was written, in ms. */
  readonly staleness: number | undefined;
}

export interface ContextOptions {
  readonly newQueries: (waitMs: number) => Queries;
  readonly progress: Pick<Progress, 'reaches'>;
  /** How long a request waits for the projection, at most. */
  readonly waitMs: number;
  /** The server's instant, in ms since 1970. */
  readonly now: () => number;
}

/** A request that names the state which it has to see waits for that once, and then for no entity. */
export const contextFactory =
  ({ newQueries, progress, waitMs, now }: ContextOptions) =>
  async (headers: IncomingHttpHeaders): Promise<Context> => {
    const token = parseConsistencyToken(headers[CONSISTENCY_HEADER]);
    if (!token) return { queries: newQueries(waitMs), staleness: undefined };
    const reached = await progress.reaches(token, waitMs);
    return { queries: newQueries(0), staleness: reached ? undefined : Math.max(0, now() - token.at) };
  };

export const answerExtensions = ({ staleness }: Context) =>
  staleness === undefined ? undefined : { staleness };
