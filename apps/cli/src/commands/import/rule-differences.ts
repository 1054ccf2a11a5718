import { RULE_INPUT_DEFAULTS, WEEKDAYS } from '@seguridad-abc/contracts';
import {
  getRuleValues,
  normalizeRuleValue,
  RULE_COLUMN_NAMES,
  type RuleColumnName,
  type RuleValues,
} from '../../csv/rule-columns.js';
import type { RuleColumnsFragment } from '../../graphql/generated.js';

/** A difference, with the values as a user reads them. */
export interface RuleDifference {
  readonly column: RuleColumnName;
  readonly existing: string;
  readonly imported: string;
}

/** The values that the server uses for absent fields. `days` has no default in the schema: absent means all days. */
const DEFAULTS: RuleValues = { ...RULE_INPUT_DEFAULTS, days: WEEKDAYS };

/** If an input lacks one of these, the server uses the caller or the time of creation. These cannot be compared. */
const COLUMNS_WITH_VARIABLE_DEFAULT: readonly RuleColumnName[] = ['userId', 'effectiveFrom'];

/**
 * Finds the columns in which an existing rule differs from the rule that an input would create.
 * @param input the values of a `CreateRuleInput`
 */
export function findRuleDifferences(input: RuleValues, rule: RuleColumnsFragment): readonly RuleDifference[] {
  const wanted: RuleValues = { ...DEFAULTS, ...input };
  const present: RuleValues = getRuleValues(rule);
  return RULE_COLUMN_NAMES.flatMap((column) => {
    const isComparable = wanted[column] !== undefined || !COLUMNS_WITH_VARIABLE_DEFAULT.includes(column);
    if (!isComparable || normalizeRuleValue(column, wanted) === normalizeRuleValue(column, present)) {
      return [];
    }
    return [{ column, existing: formatValue(present[column]), imported: formatValue(wanted[column]) }];
  });
}

function formatValue(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (!Array.isArray(value)) return JSON.stringify(value).replaceAll('"', '');
  return value.length > 0 ? value.join('|') : 'no day';
}
