import type { RuleState } from '@seguridad-abc/contracts';
import {
  checkOwner,
  checkRuleDefinition,
  combineChecks,
  type RuleDefinitionInput,
} from '@seguridad-abc/evaluation';
import { forbiddenAmong, mayNotCommand } from './access.js';
import type { Circumstances } from './circumstances.js';
import { badInput, happened, type RuleDecision } from './decision.js';
import { checkEffectiveFrom } from './fields.js';

export interface CreateRule extends RuleDefinitionInput {
  readonly userId?: string | null | undefined;
  readonly effectiveFrom?: string | null | undefined;
}

/** @param id of the rule, if one is made */
export function decideCreate(input: CreateRule, id: string, { caller, now }: Circumstances): RuleDecision {
  const refusal = mayNotCommand(caller);
  if (refusal) return refusal;
  const checked = combineChecks({
    userId: checkOwner(caller, input.userId),
    definition: checkRuleDefinition(input),
    effectiveFrom: checkEffectiveFrom(input.effectiveFrom ?? now, now),
  });
  if ('faults' in checked) return forbiddenAmong(checked.faults) ?? badInput(checked.faults);
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
  return happened('RuleCreated', rule);
}
