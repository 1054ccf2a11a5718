import type { RuleEvent, RuleState } from '@seguridad-abc/contracts';

/** A rule as the read model keeps it. */
export interface ProjectedRule {
  readonly state: RuleState;
  /** The log position at which the rule began. No two rules share one, so it orders them and cursors hold it. */
  readonly createdPosition: number;
}

/**
 * Takes one event into a rule. Each event carries the whole state of its version, so the newest version stands and the
 * earliest position is the beginning: the result is the same in whatever order, and however often, events come.
 * @returns the very same object where the event brings nothing new
 */
export function foldRule(
  present: ProjectedRule | undefined,
  event: RuleEvent,
  position: number,
): ProjectedRule {
  const { rule } = event.data;
  if (!present) return { state: rule, createdPosition: position };
  const state = rule.version > present.state.version ? rule : present.state;
  const createdPosition = Math.min(present.createdPosition, position);
  if (state === present.state && createdPosition === present.createdPosition) return present;
  return { state, createdPosition };
}
