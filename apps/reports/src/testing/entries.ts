import type { LogEntry, RuleEvent, RuleState } from '@seguridad-abc/contracts';

const AT = '2026-03-01T08:00:00.000Z';
const ACTOR = { id: 'ana', role: 'customer' } as const;

export const ruleState = (overrides: Partial<RuleState> = {}): RuleState => ({
  id: 'rule-1',
  userId: 'ana',
  name: 'Front door at night',
  opening: 'Front door',
  opensAt: '08:00',
  closesAt: '18:00',
  days: ['MONDAY', 'FRIDAY'],
  timeZone: 'America/Bogota',
  maxOpenSeconds: null,
  severity: 'WARNING',
  enabled: true,
  effectiveFrom: AT,
  createdAt: AT,
  updatedAt: AT,
  deletedAt: null,
  version: 1,
  ...overrides,
});

export const created = (overrides: Partial<RuleState> = {}): RuleEvent => ({
  type: 'RuleCreated',
  version: 1,
  data: { rule: ruleState(overrides) },
});

export const updated = (overrides: Partial<RuleState> = {}): RuleEvent => ({
  type: 'RuleUpdated',
  version: 1,
  data: { rule: ruleState({ version: 2, ...overrides }) },
});

export const deleted = (overrides: Partial<RuleState> = {}): RuleEvent => ({
  type: 'RuleDeleted',
  version: 1,
  data: { rule: ruleState({ version: 2, deletedAt: AT, enabled: false, ...overrides }) },
});

/** Anything that can stand in a log, understood or not. */
export type Happening = Pick<LogEntry, 'type' | 'version' | 'data'>;

/** A log of these events. */
export const logOf = (events: readonly Happening[], logId = 'log-1'): LogEntry[] =>
  events.map(({ type, version, data }, index) => ({
    logId,
    position: index + 1,
    type,
    version,
    at: AT,
    actor: ACTOR,
    data,
  }));
