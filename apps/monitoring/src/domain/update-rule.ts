import type { RuleState, Severity, Weekday } from '@seguridad-abc/contracts';
import {
  invalidValue,
  checkDays,
  checkLocalTime,
  checkMaxOpenSeconds,
  checkText,
  checkTimeZone,
  checkRuleLimits,
  combineChecks,
  validValue,
  type CheckResult,
} from '@seguridad-abc/evaluation';
import { mayNotCommand, visibleTo } from './access.js';
import type { Circumstances } from './circumstances.js';
import { badInput, happened, unchanged, type RuleDecision } from './decision.js';
import { MAX_NAME } from './fields.js';
import { laterOf, notFound, staleVersion } from './present.js';

/** Absent: unchanged. Null clears where a rule can do without, and is refused elsewhere. */
export interface UpdateRule {
  readonly id: string;
  readonly expectedVersion?: number | null | undefined;
  readonly name?: string | null | undefined;
  readonly opensAt?: string | null | undefined;
  readonly closesAt?: string | null | undefined;
  readonly days?: readonly Weekday[] | null | undefined;
  readonly timeZone?: string | null | undefined;
  readonly maxOpenSeconds?: number | null | undefined;
  readonly severity?: Severity | null | undefined;
  readonly enabled?: boolean | null | undefined;
}

type Definition = Omit<
  RuleState,
  'id' | 'userId' | 'opening' | 'effectiveFrom' | 'createdAt' | 'updatedAt' | 'deletedAt' | 'version'
>;

export function decideUpdate(
  rule: RuleState | undefined,
  input: UpdateRule,
  { caller, now }: Circumstances,
): RuleDecision {
  const refusal = mayNotCommand(caller);
  if (refusal) return refusal;
  const present = visibleTo(caller, rule);
  if (present?.deletedAt !== null) return notFound('rule');
  const checked = judge(present, input);
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

function judge(present: RuleState, input: UpdateRule): CheckResult<Definition> {
  const { opensAt = present.opensAt, closesAt = present.closesAt } = input;
  const { maxOpenSeconds = present.maxOpenSeconds, days = present.days } = input;
  const checked = combineChecks<Definition>({
    name: required('name', input.name, present.name, (name) => checkText('name', name, MAX_NAME)),
    opensAt: checkLocalTime('opensAt', opensAt),
    closesAt: checkLocalTime('closesAt', closesAt),
    days: checkDays(days),
    timeZone: required('timeZone', input.timeZone, present.timeZone, checkTimeZone),
    maxOpenSeconds: checkMaxOpenSeconds(maxOpenSeconds),
    severity: required('severity', input.severity, present.severity, validValue),
    enabled: required('enabled', input.enabled, present.enabled, validValue),
  });
  const limits = checkRuleLimits({ opensAt, closesAt, maxOpenSeconds });
  if ('faults' in checked) return { faults: [...checked.faults, ...limits] };
  return limits.length > 0 ? { faults: limits } : checked;
}

function required<T>(
  field: string,
  given: T | null | undefined,
  present: T,
  check: (given: T) => CheckResult<T>,
): CheckResult<T> {
  if (given === undefined) return validValue(present);
  return given === null ? invalidValue([field], 'NULL', `${field} must not be null.`) : check(given);
}

const isSame = (present: RuleState, definition: Definition): boolean =>
  (Object.keys(definition) as (keyof Definition)[]).every(
    (key) => String(present[key]) === String(definition[key]),
  );
