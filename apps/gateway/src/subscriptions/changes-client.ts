import { setTimeout as sleep } from 'node:timers/promises';
import {
  alarmChangesPageSchema,
  ruleChangesPageSchema,
  type AlarmChange,
  type RuleChange,
} from '@seguridad-abc/contracts';
import type { z } from 'zod';
import type { ServiceClient } from '../supergraph/service-client.js';
import type { ChangesPage, FetchChanges } from './change-feed.js';

/** Reads changes of alarms and of rules from reports. */
export interface ChangesClient {
  readonly fetchAlarmChanges: FetchChanges<AlarmChange>;
  readonly fetchRuleChanges: FetchChanges<RuleChange>;
}

/**
 * Creates the client of reports' `GET /alarm-changes` and `GET /rule-changes`.
 * @param reports any instance can answer
 * @param maxWaitMs how long a request is repeated while reports is being replaced
 */
export function createChangesClient(reports: ServiceClient, maxWaitMs = 0): ChangesClient {
  const createFetch =
    <Change>(path: string, schema: z.ZodType<ChangesPage<Change>>): FetchChanges<Change> =>
    ({ after, userId, limit, signal, timeoutMs = REQUEST_TIMEOUT_MS, isBehind = () => false }) =>
      repeatWhileDisconnected(
        async () => {
          let newest: ChangesPage<Change> | undefined;
          const accepted = await reports.send({
            path,
            query: {
              after: String(after),
              limit: String(limit),
              ...(userId !== null && { user: userId }),
            },
            read: async (response) => schema.parse(await response.json()),
            timeoutMs,
            signal,
            accept(page) {
              if (!newest || page.position > newest.position) newest = page;
              return !isBehind(page);
            },
          });
          return isBehind(accepted) ? (newest ?? accepted) : accepted;
        },
        signal,
        maxWaitMs,
      );
  return {
    fetchAlarmChanges: createFetch('/alarm-changes', alarmChangesPageSchema),
    fetchRuleChanges: createFetch('/rule-changes', ruleChangesPageSchema),
  };
}

const RETRY_INTERVAL_MS = 100;
/** For all instances together. */
const REQUEST_TIMEOUT_MS = 10_000;

/** @throws the error of the request if no instance of reports can be reached in time */
async function repeatWhileDisconnected<Result>(
  send: () => Promise<Result>,
  signal: AbortSignal,
  maxWaitMs: number,
): Promise<Result> {
  const deadline = performance.now() + maxWaitMs;
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if (signal.aborted || performance.now() >= deadline || !hasLostConnection(error)) throw error;
      await sleep(RETRY_INTERVAL_MS, undefined, { signal });
    }
  }
}

const CONNECTION_ERROR_CODES: readonly unknown[] = ['ECONNREFUSED', 'ECONNRESET', 'UND_ERR_SOCKET'];

const hasLostConnection = (error: unknown): boolean =>
  CONNECTION_ERROR_CODES.includes(((error as Error).cause as { code?: unknown } | undefined)?.code);
