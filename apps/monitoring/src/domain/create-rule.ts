import type { RuleState, Severity, Weekday } from '@seguridad-abc/contracts';
import {
  checkDays,
  checkLocalTime,
  checkMaxOpenSeconds,
  checkOwner,
  checkText,
  checkTimeZone,
  checkRuleLimits,
  combineChecks,
  validValue,
  MAX_OPENING_LENGTH,
} from '@seguridad-abc/evaluation';
import { forbiddenAmong, mayNotCommand } from './access.js';
import type { Circumstances } from './circumstances.js';
import { badInput, happened, type RuleDecision } from './decision.js';
import { checkEffectiveFrom, MAX_NAME } from './fields.js';

export interface CreateRule {
  readonly userId?: string | null | undefined;
  readonly name: string;
  readonly opening: string;
  readonly opensAt?: string | null | undefined;
  readonly closesAt?: string | null | undefined;
  readonly days?: readonly Weekday[] | null | undefined;
  readonly timeZone: string;
  readonly maxOpenSeconds?: number | null | undefined;
  readonly severity: Severity;
  readonly enabled: boolean;
  readonly effectiveFrom?: string | null | undefined;
}

/** @param id of the rule, if one is made */
export function decideCreate(input: CreateRule, id: string, { caller, now }: Circumstances): RuleDecision {
  const refusal = mayNotCommand(caller);
  if (refusal) return refusal;
  const { opensAt = null, closesAt = null, days = null, maxOpenSeconds = null, effectiveFrom } = input;
  const checked = combineChecks<RuleState>({
    id: validValue(id),
    userId: checkOwner(caller, input.userId),
    name: checkText('name', input.name, MAX_NAME),
    opening: checkText('opening', input.opening, MAX_OPENING_LENGTH),
    opensAt: checkLocalTime('opensAt', opensAt),
    closesAt: checkLocalTime('closesAt', closesAt),
    days: checkDays(days),
    timeZone: checkTimeZone(input.timeZone),
    maxOpenSeconds: checkMaxOpenSeconds(maxOpenSeconds),
    severity: validValue(input.severity),
    enabled: validValue(input.enabled),
    effectiveFrom: checkEffectiveFrom(effectiveFrom ?? now, now),
    createdAt: validValue(now),
    updatedAt: validValue(now),
    deletedAt: validValue(null),
    version: validValue(1),
  });
  const limits = checkRuleLimits({ opensAt, closesAt, maxOpenSeconds });
  if ('faults' in checked) return forbiddenAmong(checked.faults) ?? badInput([...checked.faults, ...limits]);
  return limits.length > 0 ? badInput(limits) : happened('RuleCreated', checked.value);
}
