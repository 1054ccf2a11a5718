import { TextDecoder } from 'node:util';
import { UsageError } from '../cli/exit.mjs';
import { readCsv } from './csv.mjs';
import { readHeader } from './header.mjs';
import { readRow } from './row.mjs';

/**
 * @param {Uint8Array} bytes of a CSV file
 * @param {{ userId?: string | undefined, effectiveFrom?: string | undefined }} defaults
 * @returns {import('./row.mjs').Row[]}
 * @throws {UsageError} where the file as a whole cannot be taken
 */
export function readRules(bytes, defaults) {
  const { header, records } = readCsv(decode(bytes));
  const names = readHeader(header.cells);
  if (defaults.userId === undefined && !names.includes('userId')) {
    throw new UsageError('Whose rules are these? Say it with --user ID, or in a column userId.');
  }
  return records.map((record) => readRow(record, names, defaults));
}

/** @param {Uint8Array} bytes */
function decode(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError('The file is not in UTF-8: save it as such.');
  }
}
