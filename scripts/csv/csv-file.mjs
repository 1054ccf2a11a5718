import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { TextDecoder } from 'node:util';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify';
import { getErrorMessage, UsageError } from '../shared/errors.mjs';

/** @typedef {{ line: number, cells: readonly string[] }} CsvRecord `line` is the record's first line, from 1 */

/**
 * @param {string} file a path, or `-` for standard input
 * @param {string} folder base of a relative path
 * @returns {Promise<Uint8Array>}
 * @throws {UsageError} if it cannot be read
 */
export async function readInputFile(file, folder) {
  try {
    return await (file === '-' ? buffer(process.stdin) : readFile(resolve(folder, file)));
  } catch (error) {
    throw new UsageError(`${file} cannot be read (${getErrorMessage(error)}): correct its path.`);
  }
}

/**
 * Parses comma-separated values as [RFC 4180](https://www.rfc-editor.org/rfc/rfc4180) defines them. The text may have a
 * byte order mark and any line ends; blank lines are skipped.
 *
 * @param {Uint8Array} bytes in UTF-8
 * @returns {{ header: CsvRecord, records: CsvRecord[] }}
 * @throws {UsageError} if the bytes are not UTF-8, quotes do not match, or there is no header
 */
export function parseCsv(bytes) {
  const [header, ...records] = parseRecords(decodeUtf8(bytes))
    .map(({ record, info }) => ({ line: info.lines - countLineEnds(record), cells: record }))
    .filter(({ cells }) => cells.some((cell) => cell.trim() !== ''));
  if (!header) throw new UsageError('The file is empty: its first line must name the columns.');
  return { header, records };
}

/** @param {Uint8Array} bytes */
function decodeUtf8(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError('The file is not encoded in UTF-8: save it in UTF-8.');
  }
}

/** @typedef {{ record: string[], info: { lines: number } }} ParsedRecord the parser's result with the option `info` */

/** @param {string} text @returns {ParsedRecord[]} */
function parseRecords(text) {
  try {
    // The parser expects the same line end in the whole file.
    /** @type {unknown} */
    const parsed = parse(text.replace(/\r\n?/g, '\n'), {
      bom: true,
      info: true,
      record_delimiter: '\n',
      relax_column_count: true,
      skip_empty_lines: true,
    });
    return /** @type {ParsedRecord[]} */ (parsed);
  } catch (error) {
    throw new UsageError(`The file is not valid CSV: ${getErrorMessage(error)}.`);
  }
}

/** @param {readonly string[]} cells */
const countLineEnds = (cells) => cells.join().split('\n').length - 1;

/**
 * Writes rows as comma-separated values of RFC 4180, in UTF-8. A cell that a spreadsheet would execute as a formula gets
 * a leading `'`.
 *
 * @param {AsyncIterable<Record<string, unknown>>} rows
 * @param {readonly string[]} columns
 * @param {NodeJS.WritableStream} stream stays open
 * @param {{ bom: boolean }} options whether to write a byte order mark, by which spreadsheets recognize UTF-8
 */
export async function writeCsv(rows, columns, stream, { bom }) {
  const writer = stringify({
    header: true,
    columns: [...columns],
    bom,
    record_delimiter: 'windows',
    escape_formulas: true,
    // The writer itself quotes only cells that contain the whole record delimiter, CRLF.
    quoted_match: /[\r\n]/,
    cast: { boolean: String },
  });
  await pipeline(rows, writer, stream, { end: false });
}
