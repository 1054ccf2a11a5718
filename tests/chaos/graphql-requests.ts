import type { GraphQLResult } from '../harness/graphql-clients.js';
import type { AlarmState, FailedRequest, RuleState } from './history.js';

/** Longer than the gateway lets a request wait for a service that is replaced, and then for its response. */
const REQUEST_TIMEOUT_MS = 35_000;

/** A client of the gateway that notes each failed request. */
export interface NotingClient {
  /** @returns undefined if the request failed, which is noted under the name of the client */
  execute<Data>(
    client: string,
    query: string,
    variables?: Readonly<Record<string, unknown>>,
    consistencyToken?: string,
  ): Promise<AnsweredRequest<Data> | undefined>;
}

export interface AnsweredRequest<Data> {
  readonly data: Data;
  readonly consistencyToken: string | undefined;
  /** Milliseconds, if the response may lack changes. */
  readonly staleness: number | undefined;
}

type Extensions = { readonly consistencyToken?: string; readonly staleness?: number } | undefined;

export function createNotingClient(
  origin: string,
  authorization: string,
  note: (failure: FailedRequest) => void,
): NotingClient {
  return {
    async execute<Data>(
      client: string,
      query: string,
      variables: Readonly<Record<string, unknown>> = {},
      consistencyToken?: string,
    ) {
      const sentAt = Date.now();
      const noteFailure = (code: string, message: string) =>
        note({ client, sentAt, at: Date.now(), code, message });
      let text: string;
      let status: number;
      try {
        const response = await fetch(`${origin}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization },
          body: JSON.stringify({
            query,
            variables,
            ...(consistencyToken && { extensions: { consistencyToken } }),
          }),
          signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
        });
        status = response.status;
        text = await response.text();
      } catch (error) {
        const isTimeout = error instanceof Error && error.name === 'TimeoutError';
        const cause: unknown = error instanceof Error ? error.cause : undefined;
        noteFailure(isTimeout ? 'TIMEOUT' : 'CONNECTION_FAILED', String(cause ?? error));
        return undefined;
      }
      let result: GraphQLResult<Data>;
      try {
        result = JSON.parse(text) as GraphQLResult<Data>;
      } catch {
        noteFailure(`HTTP_${status}`, text.slice(0, 200));
        return undefined;
      }
      const [error] = result.errors ?? [];
      if (error || !result.data) {
        const code = error?.extensions?.['code'];
        noteFailure(typeof code === 'string' ? code : 'NO_CODE', error?.message ?? text.slice(0, 200));
        return undefined;
      }
      const extensions = result.extensions as Extensions;
      return {
        data: result.data,
        consistencyToken: extensions?.consistencyToken,
        staleness: extensions?.staleness,
      };
    },
  };
}

export const RULE_FIELDS =
  'id user { id } version name opening opensAt days maxOpenSeconds enabled effectiveFrom updatedAt deletedAt';
export const ALARM_FIELDS = 'id user { id } rule { id } kind status raisedAt clearedAt';

/** A rule with {@link RULE_FIELDS}. */
export interface RuleData {
  readonly id: string;
  readonly user: { readonly id: string };
  readonly version: number;
  readonly name: string;
  readonly opening: string;
  readonly opensAt: string | null;
  readonly days: readonly string[];
  readonly maxOpenSeconds: number | null;
  readonly enabled: boolean;
  readonly effectiveFrom: string;
  readonly updatedAt: string;
  readonly deletedAt: string | null;
}

/** An alarm with {@link ALARM_FIELDS}. */
export interface AlarmData {
  readonly id: string;
  readonly user: { readonly id: string };
  readonly rule: { readonly id: string };
  readonly kind: string;
  readonly status: string;
  readonly raisedAt: string;
  readonly clearedAt: string | null;
}

const parseInstant = (text: string | null): number | null => (text === null ? null : Date.parse(text));

export const parseRule = (rule: RuleData): RuleState => ({
  id: rule.id,
  userId: rule.user.id,
  version: rule.version,
  name: rule.name,
  opening: rule.opening,
  maxOpenSeconds: rule.maxOpenSeconds,
  isNeverAllowed: rule.opensAt !== null && rule.days.length === 0,
  enabled: rule.enabled,
  effectiveFrom: Date.parse(rule.effectiveFrom),
  updatedAt: Date.parse(rule.updatedAt),
  deletedAt: parseInstant(rule.deletedAt),
});

export const parseAlarm = (alarm: AlarmData): AlarmState => ({
  id: alarm.id,
  userId: alarm.user.id,
  ruleId: alarm.rule.id,
  kind: alarm.kind,
  status: alarm.status,
  raisedAt: Date.parse(alarm.raisedAt),
  clearedAt: parseInstant(alarm.clearedAt),
});
