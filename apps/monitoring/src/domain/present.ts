import type { RuleState } from '@seguridad-abc/contracts';
import { refused, type Refused } from './decision.js';
import { at } from './fault.js';

export const notFound = (what: 'rule' | 'alarm'): Refused =>
  refused({
    code: 'NOT_FOUND',
    faults: [{ path: at('id'), code: 'NOT_FOUND', message: `There is no ${what} with this id.` }],
  });

/** Undefined where the caller expects no version, or the right one. */
export function staleVersion(present: RuleState, expected: number | null | undefined): Refused | undefined {
  if (expected === null || expected === undefined || expected === present.version) return undefined;
  const message = `The rule is at version ${present.version}, not ${expected}.`;
  return refused({
    code: 'STALE_VERSION',
    details: { version: present.version },
    faults: [{ path: at('expectedVersion'), code: 'STALE_VERSION', message }],
  });
}

/** A server's clock that was set back must not turn the order of a thing's versions. */
export const laterOf = (a: string, b: string): string => (a > b ? a : b);
