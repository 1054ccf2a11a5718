import { RULE_INPUT_DEFAULTS, WEEKDAYS } from '@seguridad-abc/contracts';
import {
  formatRuleCell,
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

/** The values that the server uses for absent fields. Not all of them are defaults in the schema. */
const DEFAULTS: RuleValues = {
  graceSeconds: 0,
  onTamper: false,
  onBatteryLow: false,
  ...RULE_INPUT_DEFAULTS,
};

/** If an input lacks one of these, the server uses the caller or the time of creation. These cannot be compared. */
const COLUMNS_WITH_VARIABLE_DEFAULT: readonly RuleColumnName[] = ['userId', 'effectiveFrom'];

/**
 * Finds the columns in which an existing rule differs from the rule that a row would create. Hours are compared in the columns
 * `opensAt`, `closesAt` and `days` if both have this form, otherwise in `windows`.
 * @param row the values of the row
 */
export function findRuleDifferences(row: RuleValues, rule: RuleColumnsFragment): readonly RuleDifference[] {
  const wanted: RuleValues = { ...DEFAULTS, ...row };
  const present = getRuleValues(rule);
  return [wanted, present].some(({ windows }) => windows !== undefined)
    ? compareValues(toWindowList(wanted), toWindowList(present))
    : compareValues({ days: WEEKDAYS, ...wanted }, present);
}

function compareValues(wanted: RuleValues, present: RuleValues): readonly RuleDifference[] {
  return RULE_COLUMN_NAMES.flatMap((column) => {
    const isComparable = wanted[column] !== undefined || !COLUMNS_WITH_VARIABLE_DEFAULT.includes(column);
    if (!isComparable || normalizeRuleValue(column, wanted) === normalizeRuleValue(column, present)) {
      return [];
    }
    return [{ column, existing: describeValue(column, present), imported: describeValue(column, wanted) }];
  });
}

/** The same values with the hours in `windows`. */
function toWindowList({ opensAt, closesAt, days, ...others }: RuleValues): RuleValues {
  if (others.windows !== undefined) return others;
  const windows =
    typeof opensAt === 'string' ? [{ days: days ?? WEEKDAYS, opensAt, closesAt, openBy: null }] : null;
  return { ...others, windows };
}

function describeValue(column: RuleColumnName, values: RuleValues): string {
  const cell = formatRuleCell(column, values);
  if (cell === null) return 'empty';
  return cell === '' ? 'no day' : String(cell);
}
