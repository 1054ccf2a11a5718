import type { ServiceHealth } from '@seguridad-abc/contracts';
import type { HealthHistoryQueries } from '../history/history-queries.js';

/** The context of one GraphQL request. All resolvers use the same health report, created when the request arrived. */
export interface Context {
  readonly services: readonly ServiceHealth[];
  readonly history: HealthHistoryQueries;
}
