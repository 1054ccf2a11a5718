import { parseCsv } from '../../csv/csv-file.mjs';
import { OPTIONAL_RULE_COLUMNS, REQUIRED_RULE_COLUMNS, RULE_CSV_COLUMNS } from '../../csv/rule-columns.mjs';
import { UsageError } from '../../shared/errors.mjs';

/**
 * @typedef {object} RowFault one thing wrong with a row
 * @property {string | null} column null if the fault concerns the whole row
 * @property {string} code
 * @property {string} message
 *
 * @typedef {object} RuleRow
 * @property {number} line of the file
 * @property {Readonly<Record<string, unknown>>} input a `CreateRuleInput` without the faulty fields
 * @property {readonly RowFault[]} faults that are found without the server
 *
 * @typedef {{ userId?: string | undefined, effectiveFrom?: string | undefined }} RowDefaults values for absent cells
 */

/**
 * Parses a CSV file of rules.
 *
 * @param {Uint8Array} bytes
 * @param {RowDefaults} defaults
 * @returns {RuleRow[]}
 * @throws {UsageError} if the file as a whole cannot be used
 */
export function parseRulesCsv(bytes, defaults) {
  const { header, records } = parseCsv(bytes);
  const names = parseRuleHeader(header.cells);
  return records.map((record) => parseRuleRow(record, names, defaults));
}

/**
 * @param {readonly string[]} cells of the first line
 * @returns {string[]} the column names
 * @throws {UsageError} which lists all unknown, missing and repeated columns
 */
export function parseRuleHeader(cells) {
  const names = cells.map((cell) => cell.trim());
  const problems = {
    'unknown columns': names
      .filter((name) => !Object.hasOwn(RULE_CSV_COLUMNS, name))
      .map((name) => `"${name}"`),
    'missing columns': REQUIRED_RULE_COLUMNS.filter((name) => !names.includes(name)),
    'repeated columns': names.filter((name, index) => names.indexOf(name) < index),
  };
  const descriptions = Object.entries(problems)
    .filter(([, affected]) => affected.length > 0)
    .map(([problem, affected]) => `${problem}: ${affected.join(', ')}`);
  if (descriptions.length === 0) return names;
  throw new UsageError(
    `The first line has ${descriptions.join('; ')}. ` +
      `It must have ${REQUIRED_RULE_COLUMNS.join(',')} and may have ${OPTIONAL_RULE_COLUMNS.join(', ')}.`,
  );
}

/**
 * @param {import('../../csv/csv-file.mjs').CsvRecord} record
 * @param {readonly string[]} names of the columns
 * @param {RowDefaults} defaults
 * @returns {RuleRow}
 */
export function parseRuleRow({ line, cells }, names, defaults) {
  /** @type {Record<string, unknown>} */
  const input = { ...defaults };
  /** @type {RowFault[]} */
  const faults = [];
  if (cells.length !== names.length) {
    const message = `The row has ${cells.length} cells, but there are ${names.length} columns.`;
    return { line, input, faults: [{ column: null, code: 'INVALID', message }] };
  }
  for (const [index, name] of names.entries()) {
    const parsed = RULE_CSV_COLUMNS[name]?.parse(cells[index] ?? '');
    if (!parsed) continue;
    if ('fault' in parsed) faults.push({ column: name, ...parsed.fault });
    else if (parsed.value !== undefined) input[name] = parsed.value;
  }
  return { line, input, faults };
}
