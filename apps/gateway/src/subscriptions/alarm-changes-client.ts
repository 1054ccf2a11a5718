import { alarmChangesPageSchema, type AlarmChange } from '@seguridad-abc/contracts';
import { getSubgraphRouteUrl } from '../supergraph/subgraph-url.js';
import type { FetchChanges } from './change-feed.js';

/**
 * Creates the client of reports' `GET /alarm-changes`.
 * @param graphqlUrl returns the current GraphQL URL of reports; undefined: the supergraph does not contain reports
 * @param headers prove to reports that the request comes from this installation
 */
export function createAlarmChangesClient(
  graphqlUrl: () => string | undefined,
  headers: Readonly<Record<string, string>>,
): FetchChanges<AlarmChange> {
  return async ({ after, userId, limit, signal }) => {
    const url = getSubgraphRouteUrl(graphqlUrl(), '/alarm-changes');
    url.searchParams.set('after', String(after));
    url.searchParams.set('limit', String(limit));
    if (userId !== null) url.searchParams.set('user', userId);
    const response = await fetch(url, {
      headers,
      signal,
      // Another host must not receive the installation secret.
      redirect: 'error',
    });
    if (!response.ok) throw new Error(`reports answered with status ${response.status}`);
    return alarmChangesPageSchema.parse(await response.json());
  };
}
