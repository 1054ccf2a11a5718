import {
  ruleConditionsSchema,
  ruleDefinitionSchema,
  WEEKDAYS,
  type InputFault,
  type RuleConditions,
  type RuleDefinition,
  type Weekday,
} from '@seguridad-abc/contracts';
import {
  type InputCheckResult,
  MAX_OPENING_NAME_LENGTH,
  createValidResult,
  createInvalidResult,
  combineCheckResults,
  checkText,
  checkEnumList,
  normalizeLocalTime,
  normalizeTimeZone,
} from './input-check.js';

export const MAX_RULE_NAME_LENGTH = 120;
/** 7 days. */
export const MAX_OPEN_SECONDS = 604_800;

/** How a field of a rule is checked that a client sets. */
interface RuleField<Raw, Value, Nullable extends boolean = boolean> {
  /** Null, or no value at creation, is a valid input if the field is nullable. */
  readonly isNullable: Nullable;
  readonly check: (raw: Nullable extends true ? Raw | null : Raw) => InputCheckResult<Value>;
}

const required = <Raw, Value>(
  check: (raw: Raw) => InputCheckResult<Value>,
): RuleField<Raw, Value, false> => ({
  isNullable: false,
  check,
});

/** @param createDefault creates the value of null, and of an absent field at creation */
const nullable = <Raw, Value>(
  createDefault: () => Value,
  check: (raw: Raw) => InputCheckResult<Value>,
): RuleField<Raw, Value, true> => ({
  isNullable: true,
  check: (raw) => (raw === null ? createValidResult(createDefault()) : check(raw)),
});

/**
 * The check and the default of every field that a client sets: `createRule`, `updateRule` and `simulateRule` use this
 * table. The compiler reports a field of `ruleDefinitionSchema` that is missing here. GraphQL has its own defaults for
 * `timeZone`, `severity` and `enabled`.
 */
const RULE_FIELDS = {
  name: required((raw: string) => checkText('name', raw, MAX_RULE_NAME_LENGTH)),
  opening: required((raw: string) => checkText('opening', raw, MAX_OPENING_NAME_LENGTH)),
  opensAt: nullable<string, string | null>(
    () => null,
    (raw) => checkLocalTime('opensAt', raw),
  ),
  closesAt: nullable<string, string | null>(
    () => null,
    (raw) => checkLocalTime('closesAt', raw),
  ),
  days: nullable<readonly Weekday[], Weekday[]>(() => [...WEEKDAYS], checkDays),
  timeZone: required(checkTimeZone),
  maxOpenSeconds: nullable<number, number | null>(() => null, checkMaxOpenSeconds),
  severity: required<RuleDefinition['severity'], RuleDefinition['severity']>(createValidResult),
  enabled: required<boolean, boolean>(createValidResult),
} satisfies { readonly [Field in keyof RuleDefinition]: RuleField<never, RuleDefinition[Field]> };

type RuleFields = typeof RULE_FIELDS;
type RawField<Field extends keyof RuleFields> = Parameters<RuleFields[Field]['check']>[0];
type NullableField = {
  [Field in keyof RuleFields]: RuleFields[Field]['isNullable'] extends true ? Field : never;
}[keyof RuleFields];

/** The fields of a new rule as a client sends them. */
export type RuleDefinitionInput = {
  readonly [Field in Exclude<keyof RuleFields, NullableField>]: RawField<Field>;
} & { readonly [Field in NullableField]?: RawField<Field> | undefined };

/** The changes of a rule as a client sends them. An absent field keeps its value. */
export type RuleDefinitionChanges = {
  readonly [Field in Exclude<keyof RuleFields, 'opening'>]?: RawField<Field> | null | undefined;
};

/** The conditions of a rule that is not stored, as a client sends them. */
export type RuleConditionsInput = Pick<RuleDefinitionInput, keyof RuleConditions>;

const DEFINITION_FIELDS = Object.keys(ruleDefinitionSchema.shape) as (keyof RuleDefinition)[];
const CONDITION_FIELDS = Object.keys(ruleConditionsSchema.shape) as (keyof RuleConditions)[];

/**
 * Checks each field of a new rule. An absent nullable field has the value of null. `checkRuleLimits` checks the
 * combination of fields.
 */
export const checkRuleFields = (input: RuleDefinitionInput): InputCheckResult<RuleDefinition> =>
  checkFields(DEFINITION_FIELDS, input);

/** Checks that allowed hours have both ends, and that a rule has allowed hours or a timer. */
export function checkRuleLimits(input: RuleInput): InputCheckResult<undefined> {
  const { opensAt = null, closesAt = null, maxOpenSeconds = null } = input;
  if ((opensAt === null) !== (closesAt === null)) {
    const missing = opensAt === null ? 'opensAt' : 'closesAt';
    return createInvalidResult([missing], 'HALF_HOURS', 'opensAt and closesAt must be given together.');
  }
  if (opensAt === null && maxOpenSeconds === null) {
    const message = 'A rule needs hours (opensAt and closesAt), or a timer (maxOpenSeconds), or both.';
    return createInvalidResult([], 'NO_HOURS_NO_TIMER', message);
  }
  return createValidResult(undefined);
}

/** Checks the conditions of a rule: each field, then their combination. */
export const checkRuleConditions = (input: RuleConditionsInput): InputCheckResult<RuleConditions> =>
  checkWithLimits(checkFields(CONDITION_FIELDS, input), input);

/** Checks changes of a rule. An absent field keeps its present value; null is refused where the field is required. */
export const checkRuleChanges = (
  present: RuleDefinition,
  changes: RuleDefinitionChanges,
): InputCheckResult<RuleDefinition> => {
  const { opensAt = present.opensAt, closesAt = present.closesAt } = changes;
  const { maxOpenSeconds = present.maxOpenSeconds } = changes;
  return checkWithLimits(checkFields(DEFINITION_FIELDS, changes, present), {
    opensAt,
    closesAt,
    maxOpenSeconds,
  });
};

type RuleInput = { readonly [Field in keyof RuleDefinition]?: unknown };

function checkWithLimits<Value>(fields: InputCheckResult<Value>, input: RuleInput): InputCheckResult<Value> {
  const checked = combineCheckResults<{ fields: Value; limits: undefined }>({
    fields,
    limits: checkRuleLimits(input),
  });
  return 'faults' in checked ? checked : createValidResult(checked.value.fields);
}

/** @param present values of absent fields, which need no check */
function checkFields<Field extends keyof RuleDefinition>(
  fields: readonly Field[],
  input: RuleInput,
  present: RuleInput = {},
): InputCheckResult<Pick<RuleDefinition, Field>> {
  const isSet = (field: Field) => input[field] !== undefined || !(field in present);
  const checks = fields.map((field) => [
    field,
    isSet(field) ? checkField(field, input[field] ?? null) : createValidResult(present[field]),
  ]);
  return combineCheckResults<Pick<RuleDefinition, Field>>(
    Object.fromEntries(checks) as { [F in Field]: InputCheckResult<RuleDefinition[F]> },
  );
}

function checkField(field: keyof RuleDefinition, raw: unknown): InputCheckResult<unknown> {
  const { isNullable, check } = RULE_FIELDS[field] as RuleField<unknown, unknown>;
  return raw === null && !isNullable
    ? createInvalidResult([field], 'NULL', `${field} must not be null.`)
    : check(raw);
}

function checkLocalTime(field: string, raw: string): InputCheckResult<string> {
  const time = normalizeLocalTime(raw);
  return time === undefined
    ? createInvalidResult([field], 'INVALID', `${field} must be a time like 08:00 or 08:00:30.`)
    : createValidResult(time);
}

function checkTimeZone(raw: string): InputCheckResult<string> {
  const zone = normalizeTimeZone(raw);
  const message = 'timeZone must be an IANA time zone name, such as America/Bogota.';
  return zone === undefined ? createInvalidResult(['timeZone'], 'INVALID', message) : createValidResult(zone);
}

function checkDays(raw: readonly Weekday[]): InputCheckResult<Weekday[]> {
  const checked = checkEnumList('days', raw, WEEKDAYS);
  if ('faults' in checked) return checked;
  const faults = raw.flatMap((day, index): InputFault[] =>
    raw.indexOf(day) < index
      ? [{ path: ['days', index], code: 'REPEATED', message: `days names ${day} more than once.` }]
      : [],
  );
  return faults.length > 0 ? { faults } : createValidResult(WEEKDAYS.filter((day) => raw.includes(day)));
}

function checkMaxOpenSeconds(raw: number): InputCheckResult<number> {
  if (raw >= 1 && raw <= MAX_OPEN_SECONDS) return createValidResult(raw);
  const message = `maxOpenSeconds must be from 1 to ${MAX_OPEN_SECONDS}.`;
  return createInvalidResult(['maxOpenSeconds'], 'OUT_OF_RANGE', message);
}
