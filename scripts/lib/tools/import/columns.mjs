/**
 * @typedef {{ column: string | null, code: string, message: string }} RowFault `column` is null where it is the row's
 *
 * @typedef {{ value: unknown } | { fault: Omit<RowFault, 'column'> }} Cell `value` undefined: not said
 *
 * @typedef {object} Column
 * @property {boolean} required whether a file must have it
 * @property {(cell: string) => Cell} read
 */

export const WEEKDAYS = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'];
const SEVERITIES = ['INFO', 'WARNING', 'CRITICAL'];
/** What GraphQL's Int holds. */
const MAX_INT = 2 ** 31 - 1;

/** The server trims and judges it. @param {string} cell @returns {Cell} */
const text = (cell) => ({ value: cell });

/** @param {unknown} empty what an empty cell means @returns {(cell: string) => Cell} */
const textOr = (empty) => (cell) => ({ value: cell.trim() === '' ? empty : cell.trim() });

/** @param {string} message @returns {Cell} */
const invalid = (message) => ({ fault: { code: 'INVALID', message } });

/**
 * @template Value
 * @param {Readonly<Record<string, Value>>} values by their names, in any case
 * @returns {(cell: string) => Cell}
 */
const oneOf = (values) => (cell) => {
  const name = cell.trim().toUpperCase();
  if (name === '') return { value: undefined };
  if (name in values) return { value: values[name] };
  return invalid(`It must be one of ${Object.keys(values).join(', ')} (it is "${cell}").`);
};

/** All seven are named, or the file has no such column: an empty cell is the empty list. @param {string} cell @returns {Cell} */
function days(cell) {
  if (cell.trim() === '') return { value: [] };
  const names = cell.split('|').map((name) => name.trim().toUpperCase());
  const unknown = names.find((name) => !WEEKDAYS.includes(name));
  if (unknown !== undefined) {
    return invalid(`It must be days like MONDAY|TUESDAY, or empty for no day at all ("${unknown}" is none).`);
  }
  const repeated = names.find((name, index) => names.indexOf(name) < index);
  if (repeated === undefined) return { value: names };
  return { fault: { code: 'REPEATED', message: `It names ${repeated} more than once.` } };
}

/** @param {string} cell @returns {Cell} */
function seconds(cell) {
  if (cell.trim() === '') return { value: null };
  const value = /^-?\d{1,10}$/.test(cell.trim()) ? Number(cell) : Infinity;
  if (Math.abs(value) <= MAX_INT) return { value };
  return invalid(`It must be a whole number of seconds (it is "${cell}").`);
}

/** What a file can say of a rule: the columns have the names of the fields of `CreateRuleInput`. */
export const COLUMNS = /** @type {Readonly<Record<string, Column>>} */ ({
  name: { required: true, read: text },
  opening: { required: true, read: text },
  opensAt: { required: true, read: textOr(null) },
  closesAt: { required: true, read: textOr(null) },
  days: { required: false, read: days },
  maxOpenSeconds: { required: true, read: seconds },
  timeZone: { required: true, read: textOr(undefined) },
  userId: { required: false, read: textOr(undefined) },
  severity: { required: false, read: oneOf(Object.fromEntries(SEVERITIES.map((name) => [name, name]))) },
  effectiveFrom: { required: false, read: textOr(undefined) },
  enabled: { required: false, read: oneOf({ TRUE: true, FALSE: false }) },
});
