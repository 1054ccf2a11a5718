import {
  hasEqualFields,
  ruleDefinitionSchema,
  type RuleConditions,
  type RuleEvent,
  type RuleState,
  pickFields,
  ruleConditionsSchema,
  SECOND_EVENT_VERSION,
} from '@seguridad-abc/contracts';
import {
  checkInstant,
  checkOwnerUserId,
  checkRuleChanges,
  checkRuleDefinition,
  combineCheckResults,
  createInvalidResult,
  createValidResult,
  type InputCheckResult,
  type RuleDefinitionChanges,
  type RuleDefinitionInput,
} from '@seguridad-abc/evaluation';
import {
  accept,
  getAccessibleState,
  getLaterInstant,
  rejectDeviceCaller,
  rejectInput,
  rejectNotFound,
  rejectStaleVersion,
  type CommandContext,
  type Decision,
  type Rejection,
} from './decision.js';

export type CreateRuleCommand = RuleDefinitionInput & {
  /** The owner; the caller if absent. */
  readonly userId?: string | null | undefined;
  /** The decision's instant if absent. */
  readonly effectiveFrom?: string | null | undefined;
};

/** An absent field keeps its value. Null clears a nullable field and is refused elsewhere. */
export interface UpdateRuleCommand extends RuleDefinitionChanges {
  readonly id: string;
  readonly expectedVersion?: number | null | undefined;
}

export interface DeleteRuleCommand {
  readonly id: string;
  readonly expectedVersion?: number | null | undefined;
}

/** Whether a user has a calendar that is not deleted. */
export type CalendarLookup = (userId: string, calendarId: string) => boolean;

/** Decides `createRule`. @param id the id of the new rule */
export function decideCreateRule(
  id: string,
  command: CreateRuleCommand,
  hasCalendar: CalendarLookup,
  { caller, now }: CommandContext,
): Decision<RuleEvent> {
  const forbidden = rejectDeviceCaller(caller);
  if (forbidden) return forbidden;
  const checked = combineCheckResults({
    userId: checkOwnerUserId(caller, command.userId),
    definition: checkRuleDefinition(command),
    effectiveFrom: checkEffectiveFrom(command.effectiveFrom ?? now, now),
    calendar: checkCalendarId(command.calendarId, command.userId ?? caller.id, hasCalendar),
  });
  if ('faults' in checked) return rejectInput(checked.faults);
  const { userId, definition, effectiveFrom } = checked.value;
  const rule: RuleState = {
    id,
    userId,
    ...definition,
    effectiveFrom,
    createdAt: now,
    updatedAt: now,
    deletedAt: null,
    version: 1,
  };
  return acceptRule('RuleCreated', rule);
}

/** Decides `updateRule`. A change that changes no field is accepted without an event. */
export function decideUpdateRule(
  rule: RuleState | undefined,
  command: UpdateRuleCommand,
  hasCalendar: CalendarLookup,
  { caller, now }: CommandContext,
): Decision<RuleEvent> {
  const present = findChangeableRule(rule, caller);
  if ('kind' in present) return present;
  const newCalendarId = command.calendarId === present.calendarId ? null : command.calendarId;
  const checked = combineCheckResults({
    definition: checkRuleChanges(present, command),
    calendar: checkCalendarId(newCalendarId, present.userId, hasCalendar),
  });
  if ('faults' in checked) return rejectInput(checked.faults);
  const { definition } = checked.value;
  const stale = rejectStaleVersion('rule', present, command.expectedVersion);
  if (stale) return stale;
  if (hasEqualFields(ruleDefinitionSchema, present, definition)) return accept();
  return acceptRule('RuleUpdated', {
    ...present,
    ...definition,
    updatedAt: getLaterInstant(now, present.updatedAt),
    version: present.version + 1,
  });
}

/** Decides `deleteRule`. The rule stays on record with `deletedAt`. */
export function decideDeleteRule(
  rule: RuleState | undefined,
  command: DeleteRuleCommand,
  { caller, now }: CommandContext,
): Decision<RuleEvent> {
  const present = findChangeableRule(rule, caller);
  if ('kind' in present) return present;
  const stale = rejectStaleVersion('rule', present, command.expectedVersion);
  if (stale) return stale;
  const deletedAt = getLaterInstant(now, present.updatedAt);
  return acceptRule('RuleDeleted', {
    ...present,
    deletedAt,
    updatedAt: deletedAt,
    version: present.version + 1,
  });
}

/** An event carries the complete new state of the rule. */
export const evolveRule = (_rule: RuleState | undefined, event: RuleEvent): RuleState => event.data.rule;

const acceptRule = (type: RuleEvent['type'], rule: RuleState): Decision<RuleEvent> =>
  accept<RuleEvent>({ type, version: SECOND_EVENT_VERSION, data: { rule } });

function findChangeableRule(
  rule: RuleState | undefined,
  caller: CommandContext['caller'],
): RuleState | Rejection {
  const forbidden = rejectDeviceCaller(caller);
  if (forbidden) return forbidden;
  const present = getAccessibleState(caller, rule);
  return present?.deletedAt === null ? present : rejectNotFound('rule');
}

function checkCalendarId(
  calendarId: string | null | undefined,
  userId: string,
  hasCalendar: CalendarLookup,
): InputCheckResult<undefined> {
  if (calendarId === null || calendarId === undefined || hasCalendar(userId, calendarId))
    return createValidResult(undefined);
  return createInvalidResult(['calendarId'], 'NOT_FOUND', 'The user has no calendar with this id.');
}

function checkEffectiveFrom(raw: string, now: string): InputCheckResult<string> {
  const checked = checkInstant('effectiveFrom', raw);
  if ('value' in checked && checked.value > addYear(now)) {
    return createInvalidResult(
      ['effectiveFrom'],
      'TOO_FAR_AHEAD',
      'effectiveFrom must be at most a year ahead.',
    );
  }
  return checked;
}

function addYear(instant: string): string {
  const date = new Date(instant);
  date.setUTCFullYear(date.getUTCFullYear() + 1);
  return date.toISOString();
}

/** How a change of a rule changes its rule versions. */
export interface RuleVersionChange {
  /** The current version ends here. */
  readonly endsAt: number;
  /** The version that follows; undefined if the rule is disabled or deleted. */
  readonly next: (RuleConditions & { readonly from: number }) | undefined;
  /** Evaluations before this instant stay as they are. */
  readonly affectedFrom: number;
}

/**
 * @param before undefined for a new rule
 * @returns undefined if the change does not affect the evaluation
 */
export function deriveRuleVersionChange(
  before: RuleState | undefined,
  after: RuleState,
): RuleVersionChange | undefined {
  if (before && isSameVersion(before, after)) return undefined;
  const changedAt = Date.parse(after.updatedAt);
  const effectiveFrom = Date.parse(after.effectiveFrom);
  const from = before ? Math.max(changedAt, effectiveFrom) : effectiveFrom;
  const next = { from, ...pickFields(ruleConditionsSchema, after) };
  return {
    endsAt: changedAt,
    next: isInForce(after) ? next : undefined,
    affectedFrom: Math.min(changedAt, from),
  };
}

const isInForce = (rule: RuleState): boolean => rule.enabled && rule.deletedAt === null;

const isSameVersion = (a: RuleState, b: RuleState): boolean =>
  isInForce(a) === isInForce(b) && hasEqualFields(ruleConditionsSchema, a, b);
