import { WEEKDAYS } from './columns.mjs';

/**
 * @typedef {Readonly<Record<string, unknown>>} Definition of a rule, by the names of its fields
 *
 * @typedef {{ column: string, there: string, here: string }} Difference as a person reads it
 */

/** What the server makes of a field that is not given. `effectiveFrom` would be now, and is not compared. */
const DEFAULTS = { days: WEEKDAYS, timeZone: 'America/Bogota', severity: 'WARNING', enabled: true };

/**
 * How a value is compared, by field; `definition` is what it is of.
 *
 * @type {Readonly<Record<string, (value: unknown, definition: Definition) => unknown>>}
 */
const COMPARED = {
  opensAt: withoutZeroSeconds,
  closesAt: withoutZeroSeconds,
  days: sortedDays,
  maxOpenSeconds: asItIs,
  timeZone: (value) => (typeof value === 'string' ? value.toLowerCase() : null),
  severity: asItIs,
  enabled: asItIs,
  effectiveFrom: (value) => (typeof value === 'string' ? Date.parse(value) : null),
};

/**
 * Where a rule that is there is not what a row would make.
 *
 * @param {Definition} input for createRule
 * @param {Definition} rule
 * @returns {Difference[]}
 */
export function differencesOf(input, rule) {
  const wanted = { ...DEFAULTS, ...input };
  return Object.entries(COMPARED).flatMap(([column, compared]) => {
    const here = /** @type {Definition} */ (wanted)[column];
    const isSaid = column !== 'effectiveFrom' || here !== undefined;
    if (!isSaid || compared(here, wanted) === compared(rule[column], rule)) return [];
    return [{ column, there: show(rule[column]), here: show(here) }];
  });
}

/** @param {unknown} value */
function asItIs(value) {
  return value ?? null;
}

/** @param {unknown} value */
function withoutZeroSeconds(value) {
  return typeof value === 'string' ? value.replace(/^(\d\d:\d\d):00$/, '$1') : null;
}

/** Where there are no hours, days say nothing. @param {unknown} value @param {Definition} definition */
function sortedDays(value, { opensAt }) {
  if (opensAt === null) return null;
  return /** @type {readonly string[]} */ (value).toSorted().join();
}

/** @param {unknown} value */
function show(value) {
  if (value === null || value === undefined) return 'empty';
  if (!Array.isArray(value)) return JSON.stringify(value).replaceAll('"', '');
  return value.length > 0 ? value.join('|') : 'no day';
}
