import type { AlarmState, RuleState } from '@seguridad-abc/contracts';
import { createAlarmQueries, type AlarmQueries } from './alarm-queries.js';
import type { AlarmReader } from './alarm-reader.js';
import type { Arrivals } from './arrivals.js';
import type { Asking } from './asking.js';
import type { Connection } from './connection.js';
import type { OpeningReader } from './opening-reader.js';
import { createRuleQueries, type RuleQueries } from './rule-queries.js';
import type { RuleReader } from './rule-reader.js';
import { createSimulateRule, type SimulateRule } from './simulate-rule.js';
import { createUserQueries, type UserQueries } from './user-queries.js';

/**
 * What a caller can ask, in one request: things asked for together are read together, and once. What belongs to somebody
 * else is as if it were not there, and takes as long to be not there.
 */
export interface Queries extends RuleQueries, AlarmQueries, UserQueries {
  readonly simulateRule: SimulateRule;
}

export interface QueriesOptions {
  readonly readers: {
    readonly rules: RuleReader;
    readonly alarms: AlarmReader;
    readonly openings: OpeningReader;
  };
  readonly arrivals: { readonly rules: Arrivals; readonly alarms: Arrivals; readonly users: Arrivals };
  /** The server's instant, in ms since 1970. */
  readonly now: () => number;
}

export type NewQueries = (asking: Asking) => Queries;

/** @returns what makes the queries of one request */
export const queriesFactory =
  ({ readers, arrivals, now }: QueriesOptions): NewQueries =>
  (asking) => ({
    ...createRuleQueries(readers.rules, arrivals.rules, asking),
    ...createAlarmQueries(readers.alarms, arrivals.alarms, asking),
    ...createUserQueries(readers.openings, arrivals.users, asking),
    simulateRule: createSimulateRule(readers.openings, asking.caller, now),
  });

export type RuleConnection = Connection<RuleState>;
export type AlarmConnection = Connection<AlarmState>;
export type AnyConnection = Connection<unknown>;
