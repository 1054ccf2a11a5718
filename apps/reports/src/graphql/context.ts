import type { Queries } from '../queries/queries.js';

/** What the resolvers of one request work with. */
export interface Context {
  readonly queries: Queries;
}
