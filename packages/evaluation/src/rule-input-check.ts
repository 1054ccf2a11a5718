import {
  ruleConditionsSchema,
  ruleDefinitionSchema,
  type ActiveWindow,
  type InputFault,
  type RuleConditions,
  type RuleDefinition,
} from '@seguridad-abc/contracts';
import {
  type InputCheckResult,
  MAX_OPENING_NAME_LENGTH,
  checkEntityId,
  checkText,
  combineCheckResults,
  createInvalidResult,
  createValidResult,
  normalizeTimeZone,
} from './input-check.js';
import { checkRuleHours, type RuleHoursInput } from './rule-hours-input-check.js';
import { checkActiveWindows, type ActiveWindowInput } from './window-input-check.js';

export const MAX_RULE_NAME_LENGTH = 120;
/** 7 days. */
export const MAX_OPEN_SECONDS = 604_800;
/** 1 hour. */
export const MAX_GRACE_SECONDS = 3_600;
/** 1 minute. */
export const MIN_SILENT_AFTER_SECONDS = 60;
/** 30 days. */
export const MAX_SILENT_AFTER_SECONDS = 2_592_000;

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

/** @param min inclusive @param max inclusive */
const createRangeCheck =
  (field: string, min: number, max: number) =>
  (raw: number): InputCheckResult<number> =>
    raw >= min && raw <= max
      ? createValidResult(raw)
      : createInvalidResult([field], 'OUT_OF_RANGE', `${field} must be from ${min} to ${max}.`);

/**
 * The check and the default of every field that a client sets, except the hours: `createRule`, `updateRule` and `simulateRule`
 * use this table. The compiler reports a field of `ruleDefinitionSchema` that is missing here. GraphQL has its own defaults
 * for `timeZone`, `severity` and `enabled`.
 */
const RULE_FIELDS = {
  name: required((raw: string) => checkText('name', raw, MAX_RULE_NAME_LENGTH)),
  opening: required((raw: string) => checkText('opening', raw, MAX_OPENING_NAME_LENGTH)),
  calendarId: nullable<string, string | null>(
    () => null,
    (raw) => checkEntityId('calendarId', raw),
  ),
  timeZone: required(checkTimeZone),
  graceSeconds: nullable<number, number>(() => 0, createRangeCheck('graceSeconds', 0, MAX_GRACE_SECONDS)),
  maxOpenSeconds: nullable<number, number | null>(
    () => null,
    createRangeCheck('maxOpenSeconds', 1, MAX_OPEN_SECONDS),
  ),
  activeWindows: nullable<readonly ActiveWindowInput[], ActiveWindow[] | null>(
    () => null,
    checkActiveWindows,
  ),
  silentAfterSeconds: nullable<number, number | null>(
    () => null,
    createRangeCheck('silentAfterSeconds', MIN_SILENT_AFTER_SECONDS, MAX_SILENT_AFTER_SECONDS),
  ),
  onTamper: nullable<boolean, boolean>(() => false, createValidResult),
  onBatteryLow: nullable<boolean, boolean>(() => false, createValidResult),
  severity: required<RuleDefinition['severity'], RuleDefinition['severity']>(createValidResult),
  enabled: required<boolean, boolean>(createValidResult),
} satisfies {
  readonly [Field in Exclude<keyof RuleDefinition, 'windows'>]: RuleField<never, RuleDefinition[Field]>;
};

type RuleFields = typeof RULE_FIELDS;
type RawField<Field extends keyof RuleFields> = Parameters<RuleFields[Field]['check']>[0];
type NullableField = {
  [Field in keyof RuleFields]: RuleFields[Field]['isNullable'] extends true ? Field : never;
}[keyof RuleFields];

/** The fields of a new rule as a client sends them. */
export type RuleDefinitionInput = {
  readonly [Field in Exclude<keyof RuleFields, NullableField>]: RawField<Field>;
} & { readonly [Field in NullableField]?: RawField<Field> | undefined } & RuleHoursInput;

/** The changes of a rule as a client sends them. An absent field keeps its value. */
export type RuleDefinitionChanges = {
  readonly [Field in Exclude<keyof RuleFields, 'opening'>]?: RawField<Field> | null | undefined;
} & RuleHoursInput;

/** The conditions of a rule that is not stored, as a client sends them. */
export type RuleConditionsInput = Pick<RuleDefinitionInput, keyof RuleConditions | keyof RuleHoursInput>;

const DEFINITION_FIELDS = Object.keys(ruleDefinitionSchema.shape) as (keyof RuleDefinition)[];
const CONDITION_FIELDS = Object.keys(ruleConditionsSchema.shape) as (keyof RuleConditions)[];

/**
 * Checks a new rule: each field, and their combination. An absent nullable field has the value of null. Whether the calendar
 * exists is not checked.
 */
export const checkRuleDefinition = (input: RuleDefinitionInput): InputCheckResult<RuleDefinition> =>
  checkFields(DEFINITION_FIELDS, input);

/** Checks the conditions of a rule: each field, and their combination. */
export const checkRuleConditions = (input: RuleConditionsInput): InputCheckResult<RuleConditions> =>
  checkFields(CONDITION_FIELDS, input);

/** Checks changes of a rule. An absent field keeps its present value; null is refused where the field is required. */
export const checkRuleChanges = (
  present: RuleDefinition,
  changes: RuleDefinitionChanges,
): InputCheckResult<RuleDefinition> => checkFields(DEFINITION_FIELDS, changes, present);

type RuleInput = RuleHoursInput & { readonly [Field in keyof RuleFields]?: unknown };

/** @param present values of absent fields, which need no check */
function checkFields<Field extends keyof RuleDefinition>(
  fields: readonly Field[],
  input: RuleInput,
  present?: RuleDefinition,
): InputCheckResult<Pick<RuleDefinition, Field>> {
  const windows = checkRuleHours(input, present?.windows);
  const checkOne = (field: keyof RuleDefinition) => {
    if (field === 'windows') return windows;
    const raw = input[field];
    return raw === undefined && present ? createValidResult(present[field]) : checkField(field, raw ?? null);
  };
  const checked = combineCheckResults<Pick<RuleDefinition, Field>>(
    Object.fromEntries(fields.map((field) => [field, checkOne(field)])) as {
      [F in Field]: InputCheckResult<RuleDefinition[F]>;
    },
  );
  const hasHours = 'faults' in windows || windows.value !== null;
  if (hasHours || watchesWithoutHours({ ...present, ...omitUndefined(input) })) return checked;
  return { faults: [...('faults' in checked ? checked.faults : []), NO_CONDITION] };
}

const NO_CONDITION: InputFault = {
  path: [],
  code: 'NO_HOURS_NO_TIMER',
  message:
    'A rule needs hours (windows, or opensAt and closesAt), maxOpenSeconds, silentAfterSeconds, onTamper or onBatteryLow.',
};

const watchesWithoutHours = (rule: RuleInput): boolean =>
  (rule.maxOpenSeconds ?? null) !== null ||
  (rule.silentAfterSeconds ?? null) !== null ||
  rule.onTamper === true ||
  rule.onBatteryLow === true;

const omitUndefined = (input: RuleInput): RuleInput =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));

function checkField(field: keyof RuleFields, raw: unknown): InputCheckResult<unknown> {
  const { isNullable, check } = RULE_FIELDS[field] as RuleField<unknown, unknown>;
  return raw === null && !isNullable
    ? createInvalidResult([field], 'NULL', `${field} must not be null.`)
    : check(raw);
}

function checkTimeZone(raw: string): InputCheckResult<string> {
  const zone = normalizeTimeZone(raw);
  const message = 'timeZone must be an IANA time zone name, such as America/Bogota.';
  return zone === undefined ? createInvalidResult(['timeZone'], 'INVALID', message) : createValidResult(zone);
}
