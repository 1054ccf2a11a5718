import type { AlarmEvent, AlarmState, RuleEvent, RuleState, InputFault } from '@seguridad-abc/contracts';
import { inInput } from './fault.js';

export type RefusalCode = 'BAD_USER_INPUT' | 'FORBIDDEN' | 'NOT_FOUND' | 'CONFLICT' | 'STALE_VERSION';

export interface Refusal {
  readonly code: RefusalCode;
  readonly faults: readonly InputFault[];
  /** What else the error tells, such as the present version with `STALE_VERSION`. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface Refused {
  readonly kind: 'refused';
  readonly refusal: Refusal;
}

/** What a command comes to, and the state of what it is about. Nothing but an event changes anything. */
export type Decision<Event, State> =
  | { readonly kind: 'happened'; readonly event: Event; readonly state: State }
  | { readonly kind: 'unchanged'; readonly state: State }
  | Refused;

export type RuleDecision = Decision<RuleEvent, RuleState>;
export type AlarmDecision = Decision<AlarmEvent, AlarmState>;

export const happened = (type: RuleEvent['type'], rule: RuleState): RuleDecision => ({
  kind: 'happened',
  event: { type, version: 1, data: { rule } },
  state: rule,
});

export const unchanged = (state: RuleState): RuleDecision => ({ kind: 'unchanged', state });

export const refused = (refusal: Refusal): Refused => ({ kind: 'refused', refusal });

/** @param faults of fields, from the input down */
export const badInput = (faults: readonly InputFault[]): Refused =>
  refused({ code: 'BAD_USER_INPUT', faults: faults.map(inInput) });

/** The same decision, were the input wrong in these ways too. */
export function withFaults<Event, State>(
  decision: Decision<Event, State>,
  faults: readonly InputFault[],
): Decision<Event, State> {
  if (faults.length === 0) return decision;
  const others =
    decision.kind === 'refused' && decision.refusal.code === 'BAD_USER_INPUT' ? decision.refusal.faults : [];
  return refused({ code: 'BAD_USER_INPUT', faults: [...faults.map(inInput), ...others] });
}
