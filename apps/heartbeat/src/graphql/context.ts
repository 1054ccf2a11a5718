import type { ServiceHealthSnapshot } from '@seguridad-abc/contracts';
import type { HistoryQueries } from '../history/queries.js';

/** What the resolvers of one request work with: one picture of all services, taken when the request came. */
export interface Context {
  readonly services: readonly ServiceHealthSnapshot[];
  readonly history: HistoryQueries;
}
