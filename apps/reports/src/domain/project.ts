import type { MonitoringEvent, RuleChange, RuleEvent } from '@seguridad-abc/contracts';
import { foldRule, type ProjectedRule } from './fold-rule.js';
import type { PlacedEvent } from './read-batch.js';

/** What a batch of events makes of the read model. */
export interface Projection {
  /** Those that are new or changed, each once, as they are after the batch. */
  readonly rules: readonly ProjectedRule[];
  /** In the order of the log. */
  readonly changes: readonly RuleChange[];
}

const KINDS = {
  RuleCreated: 'CREATED',
  RuleUpdated: 'UPDATED',
  RuleDeleted: 'DELETED',
} as const satisfies Record<RuleEvent['type'], RuleChange['kind']>;

/**
 * Projects a batch.
 * @param present the rules that the batch touches, as far as the read model has them
 */
export function project(
  events: readonly PlacedEvent[],
  present: ReadonlyMap<string, ProjectedRule>,
): Projection {
  const rules = new Map<string, ProjectedRule>();
  const changes: RuleChange[] = [];
  for (const { event, position } of events) {
    if (!isRuleEvent(event)) continue;
    const { id } = event.data.rule;
    const before = rules.get(id) ?? present.get(id);
    const after = foldRule(before, event, position);
    if (after === before) continue;
    rules.set(id, after);
    if (after.state !== before?.state) {
      changes.push({ v: 1, kind: KINDS[event.type], position, rule: after.state });
    }
  }
  return { rules: [...rules.values()], changes };
}

export const isRuleEvent = (event: MonitoringEvent): event is RuleEvent => event.type in KINDS;
