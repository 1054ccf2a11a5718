import type { RuleState } from '@seguridad-abc/contracts';
import { happened, type Decision } from './decision.js';
import { laterOf, notFound, staleVersion } from './present.js';

export interface DeleteRule {
  readonly id: string;
  readonly expectedVersion?: number | null | undefined;
}

/** @param now the server's instant */
export function decideDelete(present: RuleState | undefined, input: DeleteRule, now: string): Decision {
  if (present?.deletedAt !== null) return notFound();
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
