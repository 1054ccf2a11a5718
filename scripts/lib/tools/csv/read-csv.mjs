import { parse } from 'csv-parse/sync';
import { messageOf } from '../../failure.mjs';
import { UsageError } from '../cli/exit.mjs';

/** @typedef {{ line: number, cells: readonly string[] }} CsvRecord `line` is the one that it begins on, from 1 */

/**
 * Reads comma-separated values as RFC 4180 has them, with any line ends, with or without a BOM, and without its blank
 * lines.
 *
 * @param {string} text
 * @returns {{ header: CsvRecord, records: CsvRecord[] }}
 * @throws {UsageError} where quotes do not match, or there is nothing
 */
export function readCsv(text) {
  const [header, ...records] = parseRecords(text)
    .map(({ record, info }) => ({ line: info.lines - lineEndsIn(record), cells: record }))
    .filter(({ cells }) => cells.some((cell) => cell.trim() !== ''));
  if (!header) throw new UsageError('The file is empty: its first line must name the columns.');
  return { header, records };
}

/** @typedef {{ record: string[], info: { lines: number } }} Parsed as the parser gives it with `info` */

/** @param {string} text @returns {Parsed[]} */
function parseRecords(text) {
  try {
    /** @type {unknown} */
    const parsed = parse(withOneLineEnd(text), {
      bom: true,
      info: true,
      record_delimiter: '\n',
      relax_column_count: true,
      skip_empty_lines: true,
    });
    return /** @type {Parsed[]} */ (parsed);
  } catch (error) {
    throw new UsageError(`The file is no CSV: ${messageOf(error)}.`);
  }
}

/** Of several kinds of line ends in one file the parser would know only the first. @param {string} text */
const withOneLineEnd = (text) => text.replace(/\r\n?/g, '\n');

/** @param {readonly string[]} cells */
const lineEndsIn = (cells) => cells.join().split('\n').length - 1;
