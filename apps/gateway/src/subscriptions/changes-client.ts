import {
  alarmChangesPageSchema,
  ruleChangesPageSchema,
  type AlarmChange,
  type RuleChange,
} from '@seguridad-abc/contracts';
import type { z } from 'zod';
import { getSubgraphRouteUrl } from '../supergraph/subgraph-url.js';
import type { ChangesPage, FetchChanges } from './change-feed.js';

/** Clients of the routes with which reports serves changes. */
export interface ChangesClients {
  readonly fetchAlarmChanges: FetchChanges<AlarmChange>;
  readonly fetchRuleChanges: FetchChanges<RuleChange>;
}

/**
 * Creates the clients of reports' `GET /alarm-changes` and `GET /rule-changes`.
 * @param graphqlUrl returns the current GraphQL URL of reports; undefined: the supergraph does not contain reports
 * @param headers prove to reports that the request comes from this installation
 */
export function createChangesClients(
  graphqlUrl: () => string | undefined,
  headers: Readonly<Record<string, string>>,
): ChangesClients {
  const createClient =
    <Change>(path: string, schema: z.ZodType<ChangesPage<Change>>): FetchChanges<Change> =>
    async ({ after, userId, limit, signal }) => {
      const url = getSubgraphRouteUrl(graphqlUrl(), path);
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
      return schema.parse(await response.json());
    };
  return {
    fetchAlarmChanges: createClient('/alarm-changes', alarmChangesPageSchema),
    fetchRuleChanges: createClient('/rule-changes', ruleChangesPageSchema),
  };
}
