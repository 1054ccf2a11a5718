import type { ServiceHealthSnapshot } from '@seguridad-abc/contracts';
import type { HistoryQueries } from '../history/history-queries.js';

/** The context of one GraphQL request. All resolvers use the same snapshot, taken when the request arrived. */
export interface Context {
  readonly services: readonly ServiceHealthSnapshot[];
  readonly history: HistoryQueries;
}
