import { decode } from '../csv/decode.mjs';
import { readCsv } from '../csv/read-csv.mjs';
import { readHeader } from './header.mjs';
import { readRow } from './row.mjs';

/**
 * @param {Uint8Array} bytes of a CSV file
 * @param {{ userId?: string | undefined, effectiveFrom?: string | undefined }} defaults
 * @returns {import('./row.mjs').Row[]}
 * @throws {import('../cli/exit.mjs').UsageError} where the file as a whole cannot be taken
 */
export function readRules(bytes, defaults) {
  const { header, records } = readCsv(decode(bytes));
  const names = readHeader(header.cells);
  return records.map((record) => readRow(record, names, defaults));
}
