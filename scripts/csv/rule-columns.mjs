import { SEVERITIES, WEEKDAYS } from '@seguridad-abc/contracts';

/**
 * @typedef {{ value: unknown } | { fault: { code: string, message: string } }} ParsedCell `value` is undefined if the cell
 *   leaves the field at its default
 *
 * @typedef {object} RuleColumn
 * @property {boolean} isRequired whether an imported file must have the column
 * @property {(cell: string) => ParsedCell} parse converts a cell to a value of `CreateRuleInput`
 * @property {(rule: import('../graphql/rules-and-alarms.mjs').Rule) => unknown} getValue returns the exported value
 */

/** Largest value of GraphQL's `Int`. */
const MAX_INT = 2 ** 31 - 1;
/** Separates the days in a cell. */
const DAY_SEPARATOR = '|';

/**
 * The columns of a CSV file of rules, for import and export. Each one except `userId` is a field of `Rule` and of
 * `CreateRuleInput` with the same name.
 *
 * @type {Readonly<Record<string, RuleColumn>>}
 */
export const RULE_CSV_COLUMNS = {
  userId: { isRequired: false, parse: parseText(undefined), getValue: ({ user }) => user.id },
  // The server trims and validates names.
  name: { isRequired: true, parse: (cell) => ({ value: cell }), getValue: ({ name }) => name },
  opening: { isRequired: true, parse: (cell) => ({ value: cell }), getValue: ({ opening }) => opening },
  opensAt: { isRequired: true, parse: parseText(null), getValue: ({ opensAt }) => opensAt },
  closesAt: { isRequired: true, parse: parseText(null), getValue: ({ closesAt }) => closesAt },
  days: { isRequired: false, parse: parseDays, getValue: ({ days }) => days.join(DAY_SEPARATOR) },
  maxOpenSeconds: {
    isRequired: true,
    parse: parseSeconds,
    getValue: ({ maxOpenSeconds }) => maxOpenSeconds,
  },
  timeZone: { isRequired: true, parse: parseText(undefined), getValue: ({ timeZone }) => timeZone },
  severity: {
    isRequired: false,
    parse: parseChoice(Object.fromEntries(SEVERITIES.map((severity) => [severity, severity]))),
    getValue: ({ severity }) => severity,
  },
  effectiveFrom: {
    isRequired: false,
    parse: parseText(undefined),
    getValue: ({ effectiveFrom }) => effectiveFrom,
  },
  enabled: {
    isRequired: false,
    parse: parseChoice({ TRUE: true, FALSE: false }),
    getValue: ({ enabled }) => enabled,
  },
};

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
