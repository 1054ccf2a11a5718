import { SEVERITIES, WEEKDAYS } from '@seguridad-abc/contracts';

/**
 * @typedef {import('@seguridad-abc/contracts').RuleState} RuleState
 * @typedef {import('@seguridad-abc/contracts').RuleDefinition} RuleDefinition
 *
 * @typedef {Pick<RuleState, keyof RuleDefinition | 'effectiveFrom'> & { user: { id: string } }} ExportedRule the fields of
 *   the type `Rule` that {@link RULE_SELECTION} selects
 *
 * @typedef {Readonly<Record<string, unknown>>} RuleValues values of a rule or of a `CreateRuleInput`, by field
 *
 * @typedef {{ value: unknown } | { fault: { code: string, message: string } }} ParsedCell `value` is undefined if the cell
 *   leaves the field at its default
 *
 * @typedef {object} RuleColumn
 * @property {boolean} isRequired whether an imported file must have the column
 * @property {(cell: string) => ParsedCell} parse converts a cell to a value of `CreateRuleInput`
 * @property {(value: any) => unknown} [format] converts a value of a rule to a cell; by default, the cell is the value
 * @property {(value: any, values: RuleValues) => unknown} [normalize] converts a value that is not null to a form in which
 *   equal values are identical; `values` has the other fields. By default, that form is the value.
 */

/** Largest value of GraphQL's `Int`. */
const MAX_INT = 2 ** 31 - 1;
/** Separates the days in a cell. */
const DAY_SEPARATOR = '|';

/**
 * The columns of a CSV file of rules. Import, export, the comparison with existing rules and the query of rules use this
 * table. Each column except `userId` is a field of `Rule` and of `CreateRuleInput` with the same name.
 *
 * @type {Readonly<Record<string, RuleColumn>>}
 */
export const RULE_CSV_COLUMNS = {
  userId: { isRequired: false, parse: parseText(undefined) },
  // The server trims and validates names.
  name: { isRequired: true, parse: (cell) => ({ value: cell }), normalize: normalizeText },
  opening: { isRequired: true, parse: (cell) => ({ value: cell }), normalize: normalizeText },
  opensAt: { isRequired: true, parse: parseText(null), normalize: removeZeroSeconds },
  closesAt: { isRequired: true, parse: parseText(null), normalize: removeZeroSeconds },
  days: {
    isRequired: false,
    parse: parseDays,
    format: (/** @type {readonly string[]} */ days) => days.join(DAY_SEPARATOR),
    normalize: sortDays,
  },
  maxOpenSeconds: { isRequired: true, parse: parseSeconds },
  timeZone: {
    isRequired: true,
    parse: parseText(undefined),
    normalize: (/** @type {string} */ zone) => zone.toLowerCase(),
  },
  severity: {
    isRequired: false,
    parse: parseChoice(Object.fromEntries(SEVERITIES.map((severity) => [severity, severity]))),
  },
  effectiveFrom: {
    isRequired: false,
    parse: parseText(undefined),
    normalize: (/** @type {string} */ instant) => Date.parse(instant),
  },
  enabled: { isRequired: false, parse: parseChoice({ TRUE: true, FALSE: false }) },
};

const columnNames = Object.keys(RULE_CSV_COLUMNS);
/** The columns that an imported file must have. */
export const REQUIRED_RULE_COLUMNS = columnNames.filter((name) => RULE_CSV_COLUMNS[name]?.isRequired);
/** The columns that an imported file may have. */
export const OPTIONAL_RULE_COLUMNS = columnNames.filter((name) => !RULE_CSV_COLUMNS[name]?.isRequired);

/** A GraphQL selection of the fields of `Rule` that the columns contain. */
export const RULE_SELECTION = columnNames.map((name) => (name === 'userId' ? 'user { id }' : name)).join(' ');

/**
 * Returns the values of a rule by column, as `CreateRuleInput` has them.
 *
 * @param {ExportedRule} rule
 * @returns {RuleValues}
 */
export const getRuleValues = (rule) => ({ ...rule, userId: rule.user.id });

/**
 * Converts a value to a form in which equal values are identical. An absent value equals null.
 *
 * @param {string} column
 * @param {RuleValues} values of the rule or of the input
 * @returns {unknown}
 */
export function normalizeRuleValue(column, values) {
  const { normalize } = RULE_CSV_COLUMNS[column] ?? {};
  const value = values[column] ?? null;
  return normalize && value !== null ? normalize(value, values) : value;
}

/** The server stores texts in this form. An empty text equals null. @param {string} text */
function normalizeText(text) {
  return text.replaceAll('\r\n', '\n').trim().normalize('NFC') || null;
}

/** @param {string} time */
function removeZeroSeconds(time) {
  return time.replace(/^(\d\d:\d\d):00$/, '$1');
}

/** Without hours, days have no effect. @param {readonly string[]} days @param {RuleValues} values */
function sortDays(days, { opensAt }) {
  return opensAt === null ? null : days.toSorted().join();
}

/** @param {null | undefined} emptyValue of an empty cell @returns {RuleColumn['parse']} */
function parseText(emptyValue) {
  return (cell) => ({ value: cell.trim() === '' ? emptyValue : cell.trim() });
}

/** @param {Readonly<Record<string, unknown>>} choices by their names, in upper case @returns {RuleColumn['parse']} */
function parseChoice(choices) {
  return (cell) => {
    const name = cell.trim().toUpperCase();
    if (name === '') return { value: undefined };
    if (Object.hasOwn(choices, name)) return { value: choices[name] };
    return invalid(`The value must be one of ${Object.keys(choices).join(', ')} (it is "${cell}").`);
  };
}

/** An empty cell means no day. All days are named, or the file lacks the column. @param {string} cell @returns {ParsedCell} */
function parseDays(cell) {
  if (cell.trim() === '') return { value: [] };
  const days = cell.split(DAY_SEPARATOR).map((day) => day.trim().toUpperCase());
  const unknown = days.find((day) => !WEEKDAYS.some((weekday) => weekday === day));
  if (unknown !== undefined) {
    return invalid(
      `The value must be days like MONDAY|TUESDAY, or empty for no day ("${unknown}" is not a day).`,
    );
  }
  const repeated = days.find((day, index) => days.indexOf(day) < index);
  if (repeated === undefined) return { value: days };
  return { fault: { code: 'REPEATED', message: `The value repeats ${repeated}: name each day once.` } };
}

/** The server checks the range. @param {string} cell @returns {ParsedCell} */
function parseSeconds(cell) {
  if (cell.trim() === '') return { value: null };
  const value = /^-?\d{1,10}$/.test(cell.trim()) ? Number(cell) : Infinity;
  if (Math.abs(value) <= MAX_INT) return { value };
  return invalid(`The value must be a whole number of seconds (it is "${cell}").`);
}

/** @param {string} message @returns {ParsedCell} */
const invalid = (message) => ({ fault: { code: 'INVALID', message } });
