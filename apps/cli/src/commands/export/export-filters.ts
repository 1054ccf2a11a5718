import {
  ALARM_KINDS,
  ALARM_STATUSES,
  SEVERITIES,
  type AlarmKind,
  type AlarmStatus,
  type Severity,
} from '@seguridad-abc/contracts';
import { z } from 'zod';
import { booleanOption, formatHelpHint } from '../../command-line/option-values.js';
import type { AlarmFilter, RuleFilter } from '../../graphql/generated.js';
import { UsageError } from '../../shared/errors.js';

/** The lists that can be exported. */
export const EXPORTED_LIST_NAMES = ['alarms', 'rules'] as const;
export type ExportedListName = (typeof EXPORTED_LIST_NAMES)[number];

/** One of the values, in any letter case. */
const enumOption = <Value extends string>(values: readonly Value[]): z.ZodType<Value, string> =>
  z
    .string()
    .transform((text) => text.trim().toUpperCase())
    .pipe(z.enum(values as [Value, ...Value[]], `must be one of ${values.join(', ')}`));

/** Some of the values, separated by commas. */
const enumListOption = <Value extends string>(values: readonly Value[]): z.ZodType<Value[], string> =>
  z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim().toUpperCase()))
    .refine(
      (parts) => parts.every((part) => values.some((value) => value === part)),
      `must be a list of ${values.join(',')}`,
    )
    .transform((parts) => parts as Value[]);

/** The options that select rows. Each one sets a field of the API's filter. */
export const exportFilterOptions = {
  user: z.string().optional(),
  opening: z.string().optional(),
  enabled: booleanOption().optional(),
  search: z.string().optional(),
  rule: z.string().optional(),
  kind: enumOption<AlarmKind>(ALARM_KINDS).optional(),
  severity: enumListOption<Severity>(SEVERITIES).optional(),
  status: enumListOption<AlarmStatus>(ALARM_STATUSES).optional(),
  acknowledged: booleanOption().optional(),
  from: z.string().optional(),
  before: z.string().optional(),
};

/** The parsed values of the options. */
export type ExportFilterValues = z.output<z.ZodObject<typeof exportFilterOptions>>;
type FilterOption = keyof ExportFilterValues;

/** The field of the API's filter that an option sets. */
const RULE_FILTER_FIELDS = {
  user: 'userId',
  opening: 'opening',
  enabled: 'enabled',
  search: 'search',
} as const satisfies Partial<Record<FilterOption, keyof RuleFilter>>;

const ALARM_FILTER_FIELDS = {
  user: 'userId',
  rule: 'ruleId',
  opening: 'opening',
  kind: 'kind',
  severity: 'severity',
  status: 'status',
  acknowledged: 'acknowledged',
  from: 'raisedFrom',
  before: 'raisedBefore',
} as const satisfies Partial<Record<FilterOption, keyof AlarmFilter>>;

/** @throws UsageError if an option does not apply to rules */
export const createRuleFilter = (values: ExportFilterValues): RuleFilter =>
  selectFields('rules', RULE_FILTER_FIELDS, values);

/** @throws UsageError if an option does not apply to alarms */
export const createAlarmFilter = (values: ExportFilterValues): AlarmFilter =>
  selectFields('alarms', ALARM_FILTER_FIELDS, values);

function selectFields(
  list: ExportedListName,
  fields: Partial<Record<FilterOption, string>>,
  values: ExportFilterValues,
): Record<string, unknown> {
  const filter: Record<string, unknown> = {};
  for (const option of Object.keys(exportFilterOptions) as FilterOption[]) {
    if (values[option] === undefined) continue;
    const field = fields[option];
    if (field === undefined) {
      throw new UsageError(`--${option} does not apply to ${list}. ${formatHelpHint('export')}`);
    }
    filter[field] = values[option];
  }
  return filter;
}
