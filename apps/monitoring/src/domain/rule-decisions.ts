import {
  hasEqualFields,
  ruleDefinitionSchema,
  type RuleEvent,
  type RuleState,
} from '@seguridad-abc/contracts';
import {
  checkInstant,
  checkOwnerUserId,
  checkRuleChanges,
  checkRuleDefinition,
  combineCheckResults,
  createInvalidResult,
  type InputCheckResult,
  type RuleDefinitionChanges,
  type RuleDefinitionInput,
} from '@seguridad-abc/evaluation';
import {
  accept,
  getAccessibleState,
  getLaterInstant,
  reject,
  rejectDeviceCaller,
  rejectInput,
  rejectNotFound,
  type CommandContext,
  type Decision,
  type RejectedDecision,
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

/** Decides `createRule`. @param id the id of the new rule */
export function decideCreateRule(
  id: string,
  command: CreateRuleCommand,
  { caller, now }: CommandContext,
): Decision<RuleEvent> {
  const forbidden = rejectDeviceCaller(caller);
  if (forbidden) return forbidden;
  const checked = combineCheckResults({
    userId: checkOwnerUserId(caller, command.userId),
    definition: checkRuleDefinition(command),
    effectiveFrom: checkEffectiveFrom(command.effectiveFrom ?? now, now),
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
  { caller, now }: CommandContext,
): Decision<RuleEvent> {
  const current = findChangeableRule(rule, caller);
  if ('kind' in current) return current;
  const checked = checkRuleChanges(current, command);
  if ('faults' in checked) return rejectInput(checked.faults);
  const stale = rejectStaleVersion(current, command.expectedVersion);
  if (stale) return stale;
  if (hasEqualFields(ruleDefinitionSchema, current, checked.value)) return accept();
  return acceptRule('RuleUpdated', {
    ...current,
    ...checked.value,
    updatedAt: getLaterInstant(now, current.updatedAt),
    version: current.version + 1,
  });
}

/** Decides `deleteRule`. The rule stays on record with `deletedAt`. */
export function decideDeleteRule(
  rule: RuleState | undefined,
  command: DeleteRuleCommand,
  { caller, now }: CommandContext,
): Decision<RuleEvent> {
  const current = findChangeableRule(rule, caller);
  if ('kind' in current) return current;
  const stale = rejectStaleVersion(current, command.expectedVersion);
  if (stale) return stale;
  const deletedAt = getLaterInstant(now, current.updatedAt);
  return acceptRule('RuleDeleted', {
    ...current,
    deletedAt,
    updatedAt: deletedAt,
    version: current.version + 1,
  });
}

/** An event carries the complete new state of the rule. */
export const evolveRule = (_rule: RuleState | undefined, event: RuleEvent): RuleState => event.data.rule;

const acceptRule = (type: RuleEvent['type'], rule: RuleState): Decision<RuleEvent> =>
  accept<RuleEvent>({ type, version: 1, data: { rule } });

function findChangeableRule(
  rule: RuleState | undefined,
  caller: CommandContext['caller'],
): RuleState | RejectedDecision {
  const forbidden = rejectDeviceCaller(caller);
  if (forbidden) return forbidden;
  const current = getAccessibleState(caller, rule);
  return current?.deletedAt === null ? current : rejectNotFound('rule');
}

function rejectStaleVersion(
  current: RuleState,
  expected: number | null | undefined,
): RejectedDecision | undefined {
  if (expected === null || expected === undefined || expected === current.version) return undefined;
  const message = `The rule is at version ${current.version}, not ${expected}. Read it again, then retry.`;
  return reject({
    code: 'STALE_VERSION',
    details: { version: current.version },
    faults: [{ path: ['input', 'expectedVersion'], code: 'STALE_VERSION', message }],
  });
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
