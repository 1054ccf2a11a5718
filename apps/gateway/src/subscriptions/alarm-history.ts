import { alarmChangesPageSchema, type AlarmChangesPage } from '@seguridad-abc/contracts';
import { getSubgraphRouteUrl } from '../supergraph/subgraph-url.js';

export interface HistoryRequest {
  /** A position of the log. */
  readonly after: number;
  /** Null: of all users. */
  readonly userId: string | null;
  readonly limit: number;
  readonly signal: AbortSignal;
}

/** Asks reports for the changes of alarms that lie after a position, in the order of their positions. */
export type FetchAlarmHistory = (request: HistoryRequest) => Promise<AlarmChangesPage>;

/**
 * @param graphqlUrl of reports' subgraph, as it is now; the history is beside it. Undefined: there is none
 * @param headers that show a process of this installation
 */
export function createAlarmHistoryClient(
  graphqlUrl: () => string | undefined,
  headers: Readonly<Record<string, string>>,
): FetchAlarmHistory {
  return async ({ after, userId, limit, signal }) => {
    const url = getSubgraphRouteUrl(graphqlUrl(), '/alarm-changes');
    url.searchParams.set('after', String(after));
    url.searchParams.set('limit', String(limit));
    if (userId !== null) url.searchParams.set('user', userId);
    const response = await fetch(url, { headers, signal });
    if (!response.ok) throw new Error(`reports answered with status ${response.status}`);
    return alarmChangesPageSchema.parse(await response.json());
  };
}
