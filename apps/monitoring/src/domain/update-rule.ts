import { ruleDefinitionSchema, type RuleDefinition, type RuleState } from '@seguridad-abc/contracts';
import { checkRuleChanges, type RuleDefinitionChanges } from '@seguridad-abc/evaluation';
import { mayNotCommand, visibleTo } from './access.js';
import type { Circumstances } from './circumstances.js';
import { badInput, happened, unchanged, type RuleDecision } from './decision.js';
import { laterOf, notFound, staleVersion } from './present.js';

/** Absent: unchanged. Null clears where a rule can do without, and is refused elsewhere. */
export interface UpdateRule extends RuleDefinitionChanges {
  readonly id: string;
  readonly expectedVersion?: number | null | undefined;
}

export function decideUpdate(
  rule: RuleState | undefined,
  input: UpdateRule,
  { caller, now }: Circumstances,
): RuleDecision {
  const refusal = mayNotCommand(caller);
  if (refusal) return refusal;
  const present = visibleTo(caller, rule);
  if (present?.deletedAt !== null) return notFound('rule');
  const checked = checkRuleChanges(present, input);
  if ('faults' in checked) return badInput(checked.faults);
  const stale = staleVersion(present, input.expectedVersion);
  if (stale) return stale;
  if (isSame(present, checked.value)) return unchanged(present);
  return happened('RuleUpdated', {
    ...present,
    ...checked.value,
    updatedAt: laterOf(now, present.updatedAt),
    version: present.version + 1,
  });
}

const isSame = (present: RuleState, definition: RuleDefinition): boolean =>
  (Object.keys(ruleDefinitionSchema.shape) as (keyof RuleDefinition)[]).every(
    (key) => String(present[key]) === String(definition[key]),
  );
