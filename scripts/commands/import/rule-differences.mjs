import { getRuleValues, normalizeRuleValue, RULE_CSV_COLUMNS } from '../../csv/rule-columns.mjs';
import { readRuleDefaults } from '../../graphql/rules-and-alarms.mjs';

/**
 * @typedef {import('../../csv/rule-columns.mjs').RuleValues} RuleValues
 *
 * @typedef {{ column: string, existing: string, imported: string }} RuleDifference values as a user reads them
 */

/** @type {RuleValues | undefined} */
let defaults;

/** If an input lacks one of these, the server uses the caller or the time of creation. These cannot be compared. */
const COLUMNS_WITH_VARIABLE_DEFAULT = ['userId', 'effectiveFrom'];

/**
 * Finds the columns in which an existing rule differs from the rule that an input would create.
 *
 * @param {RuleValues} input a `CreateRuleInput`
 * @param {import('../../csv/rule-columns.mjs').ExportedRule} rule
 * @returns {RuleDifference[]}
 */
export function findRuleDifferences(input, rule) {
  defaults ??= { ...readRuleDefaults() };
  /** @type {RuleValues} */
  const wanted = { ...defaults, ...input };
  const present = getRuleValues(rule);
  return Object.keys(RULE_CSV_COLUMNS).flatMap((column) => {
    const isComparable = wanted[column] !== undefined || !COLUMNS_WITH_VARIABLE_DEFAULT.includes(column);
    if (!isComparable || normalizeRuleValue(column, wanted) === normalizeRuleValue(column, present))
      return [];
    return [{ column, existing: formatValue(present[column]), imported: formatValue(wanted[column]) }];
  });
}

/** @param {unknown} value */
function formatValue(value) {
  if (value === null || value === undefined) return 'empty';
  if (!Array.isArray(value)) return JSON.stringify(value).replaceAll('"', '');
  return value.length > 0 ? value.join('|') : 'no day';
}
