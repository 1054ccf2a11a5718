import type { RuleState } from '@seguridad-abc/contracts';
import { mayNotCommand, visibleTo } from './access.js';
import type { Circumstances } from './circumstances.js';
import { happened, type RuleDecision } from './decision.js';
import { laterOf, notFound, staleVersion } from './present.js';

export interface DeleteRule {
  readonly id: string;
  readonly expectedVersion?: number | null | undefined;
}

export function decideDelete(
  rule: RuleState | undefined,
  input: DeleteRule,
  { caller, now }: Circumstances,
): RuleDecision {
  const refusal = mayNotCommand(caller);
  if (refusal) return refusal;
  const present = visibleTo(caller, rule);
  if (present?.deletedAt !== null) return notFound('rule');
  const stale = staleVersion(present, input.expectedVersion);
  if (stale) return stale;
  const deletedAt = laterOf(now, present.updatedAt);
  return happened('RuleDeleted', {
    ...present,
    deletedAt,
    updatedAt: deletedAt,
    version: present.version + 1,
  });
}
