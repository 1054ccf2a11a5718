import type { RuleEvent, RuleState } from '@seguridad-abc/contracts';
import type { Fault } from './fault.js';

export type RefusalCode = 'BAD_USER_INPUT' | 'FORBIDDEN' | 'NOT_FOUND' | 'STALE_VERSION';

export interface Refusal {
  readonly code: RefusalCode;
  readonly faults: readonly Fault[];
  /** With `STALE_VERSION`: the present one. */
  readonly version?: number;
}

/** What a command comes to. Nothing but an event changes anything. */
export type Decision =
  | { readonly kind: 'happened'; readonly event: RuleEvent }
  | { readonly kind: 'unchanged'; readonly rule: RuleState }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export const happened = (type: RuleEvent['type'], rule: RuleState): Decision => ({
  kind: 'happened',
  event: { type, version: 1, data: { rule } },
});

export const unchanged = (rule: RuleState): Decision => ({ kind: 'unchanged', rule });

export const refused = (refusal: Refusal): Decision => ({ kind: 'refused', refusal });

export const badInput = (faults: readonly Fault[]): Decision => refused({ code: 'BAD_USER_INPUT', faults });

/** The same decision, were the input wrong in these ways too. */
export function withFaults(decision: Decision, faults: readonly Fault[]): Decision {
  if (faults.length === 0) return decision;
  const refusal = decision.kind === 'refused' ? decision.refusal : undefined;
  return badInput([...faults, ...(refusal?.code === 'BAD_USER_INPUT' ? refusal.faults : [])]);
}
