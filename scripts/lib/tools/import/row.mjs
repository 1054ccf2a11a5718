import { COLUMNS } from './columns.mjs';

/**
 * @typedef {import('./columns.mjs').RowFault} RowFault
 *
 * @typedef {object} Row
 * @property {number} line of the file
 * @property {Readonly<Record<string, unknown>>} input for createRule; without what is faulty
 * @property {readonly RowFault[]} faults that are seen without the server
 */

/**
 * @param {import('../csv/read-csv.mjs').CsvRecord} record
 * @param {readonly string[]} names of the columns
 * @param {{ userId?: string | undefined, effectiveFrom?: string | undefined }} defaults for what a row does not say
 * @returns {Row}
 */
export function readRow({ line, cells }, names, defaults) {
  /** @type {Record<string, unknown>} */
  const input = { ...defaults };
  /** @type {RowFault[]} */
  const faults = [];
  if (cells.length !== names.length) {
    const message = `It has ${cells.length} cells, and there are ${names.length} columns.`;
    return { line, input, faults: [{ column: null, code: 'INVALID', message }] };
  }
  for (const [index, name] of names.entries()) {
    const read = COLUMNS[name]?.read(cells[index] ?? '');
    if (!read) continue;
    if ('fault' in read) faults.push({ column: name, ...read.fault });
    else if (read.value !== undefined) input[name] = read.value;
  }
  return { line, input, faults };
}
