import { pickFields, ruleDefinitionSchema, type Actor } from '@seguridad-abc/contracts';
import { createAlarmState, createRuleState } from '@seguridad-abc/contracts/testing';
import type { AlarmRecord } from '../domain/interval-evaluation.js';
import type { CreateRuleCommand } from '../domain/rule-decisions.js';

/** A caller that may act for every user. */
export const OPERATOR: Actor = { id: 'olga', role: 'operator' };

/** A valid input of `createRule`: the rule of `createRuleState`. */
export const createRuleInput = (overrides: Partial<CreateRuleCommand> = {}): CreateRuleCommand => ({
  userId: 'ana',
  ...pickFields(ruleDefinitionSchema, createRuleState()),
  ...overrides,
});

/** The alarm of `createAlarmState`, of an interval that starts with the reading `o1` at 08:00:00. */
export const createAlarmRecord = (overrides: Partial<AlarmRecord> = {}): AlarmRecord => ({
  ...createAlarmState(),
  openingId: 1,
  startKey: 'o1',
  startedAt: Date.parse('2026-01-31T08:00:00.000Z'),
  windowEndsAt: null,
  cause: 'open for more than 60 s',
  ...overrides,
});

/** Hours for an input of `createRule`: Monday from 08:00 to 18:00. */
export const HOURS_INPUT = {
  windows: [{ days: ['MONDAY'], opensAt: '08:00', closesAt: '18:00' }],
  maxOpenSeconds: null,
} as const satisfies Partial<CreateRuleCommand>;
