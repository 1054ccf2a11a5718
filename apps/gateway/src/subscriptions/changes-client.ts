import { setTimeout as sleep } from 'node:timers/promises';
import {
  alarmChangesPageSchema,
  ruleChangesPageSchema,
  type AlarmChange,
  type RuleChange,
} from '@seguridad-abc/contracts';
import type { z } from 'zod';
import { getSubgraphRouteUrl } from '../supergraph/subgraph-url.js';
import type { ChangesPage, FetchChanges } from './change-feed.js';

/** Reads changes of alarms and of rules from reports. */
export interface ChangesClient {
  readonly fetchAlarmChanges: FetchChanges<AlarmChange>;
  readonly fetchRuleChanges: FetchChanges<RuleChange>;
}

/**
 * Creates the client of reports' `GET /alarm-changes` and `GET /rule-changes`.
 * @param graphqlUrl returns the current GraphQL URL of reports; undefined: the supergraph does not contain reports
 * @param headers prove to reports that the request comes from this installation
 * @param maxWaitMs how long a request is repeated while reports is being replaced
 */
export function createChangesClient(
  graphqlUrl: () => string | undefined,
  headers: Readonly<Record<string, string>>,
  maxWaitMs = 0,
): ChangesClient {
  const createFetch =
    <Change>(path: string, schema: z.ZodType<ChangesPage<Change>>): FetchChanges<Change> =>
    async ({ after, userId, limit, signal }) => {
      const url = getSubgraphRouteUrl(graphqlUrl(), path);
      url.searchParams.set('after', String(after));
      url.searchParams.set('limit', String(limit));
      if (userId !== null) url.searchParams.set('user', userId);
      const response = await fetchWhenConnected(url, { headers, signal, maxWaitMs });
      if (!response.ok) throw new Error(`reports answered with status ${response.status}`);
      return schema.parse(await response.json());
    };
  return {
    fetchAlarmChanges: createFetch('/alarm-changes', alarmChangesPageSchema),
    fetchRuleChanges: createFetch('/rule-changes', ruleChangesPageSchema),
  };
}

const RETRY_INTERVAL_MS = 100;

interface ConnectedFetchOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** How long a request is repeated whose connection fails. */
  readonly maxWaitMs: number;
}

/** @throws the error of `fetch` if reports cannot be reached in time */
async function fetchWhenConnected(
  url: URL,
  { headers, signal, maxWaitMs }: ConnectedFetchOptions,
): Promise<Response> {
  const deadline = performance.now() + maxWaitMs;
  for (;;) {
    try {
      // Another host must not receive the installation secret.
      return await fetch(url, { headers, signal, redirect: 'error' });
    } catch (error) {
      if (signal.aborted || performance.now() >= deadline || !hasLostConnection(error)) throw error;
      await sleep(RETRY_INTERVAL_MS, undefined, { signal });
    }
  }
}

const CONNECTION_ERROR_CODES: readonly unknown[] = ['ECONNREFUSED', 'ECONNRESET', 'UND_ERR_SOCKET'];

const hasLostConnection = (error: unknown): boolean =>
  CONNECTION_ERROR_CODES.includes(((error as Error).cause as { code?: unknown } | undefined)?.code);
