import { readRuleDefaults } from '../../graphql/rules-and-alarms.mjs';

/**
 * @typedef {Readonly<Record<string, unknown>>} RuleDefinition fields of a rule by their names
 *
 * @typedef {{ column: string, existing: string, imported: string }} RuleDifference values as a user reads them
 */

/** @type {RuleDefinition | undefined} */
let defaults;

/**
 * Converts each compared field to a form in which equal values are identical.
 *
 * @type {Readonly<Record<string, (value: unknown, definition: RuleDefinition) => unknown>>}
 */
const NORMALIZERS = {
  opensAt: removeZeroSeconds,
  closesAt: removeZeroSeconds,
  days: sortDays,
  maxOpenSeconds: (value) => value ?? null,
  timeZone: (value) => (typeof value === 'string' ? value.toLowerCase() : null),
  severity: (value) => value ?? null,
  enabled: (value) => value ?? null,
  effectiveFrom: (value) => (typeof value === 'string' ? Date.parse(value) : null),
};

/**
 * Finds the fields in which an existing rule differs from the rule that an input would create.
 *
 * @param {RuleDefinition} input a `CreateRuleInput`
 * @param {RuleDefinition} rule
 * @returns {RuleDifference[]}
 */
export function findRuleDifferences(input, rule) {
  defaults ??= { ...readRuleDefaults() };
  /** @type {RuleDefinition} */
  const wanted = { ...defaults, ...input };
  return Object.entries(NORMALIZERS).flatMap(([column, normalize]) => {
    const value = wanted[column];
    // The default of `effectiveFrom` is the time of creation, which cannot be compared.
    const isComparable = column !== 'effectiveFrom' || value !== undefined;
    if (!isComparable || normalize(value, wanted) === normalize(rule[column], rule)) return [];
    return [{ column, existing: formatValue(rule[column]), imported: formatValue(value) }];
  });
}

/** @param {unknown} value */
function removeZeroSeconds(value) {
  return typeof value === 'string' ? value.replace(/^(\d\d:\d\d):00$/, '$1') : null;
}

/** Without hours, days have no effect. @param {unknown} value @param {RuleDefinition} definition */
function sortDays(value, { opensAt }) {
  if (opensAt === null) return null;
  return /** @type {readonly string[]} */ (value).toSorted().join();
}

/** @param {unknown} value */
function formatValue(value) {
  if (value === null || value === undefined) return 'empty';
  if (!Array.isArray(value)) return JSON.stringify(value).replaceAll('"', '');
  return value.length > 0 ? value.join('|') : 'no day';
}
