import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { TextDecoder } from 'node:util';
import { parse, type Info } from 'csv-parse/sync';
import { stringify } from 'csv-stringify';
import { getErrorMessage, UsageError } from '../shared/errors.js';
import { protectFormula, unprotectFormula } from './formula-protection.js';

export interface CsvRecord {
  /** The record's first line, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

export interface CsvFile {
  readonly header: CsvRecord;
  readonly records: readonly CsvRecord[];
}

/**
 * @param file a path, or `-` for standard input
 * @param folder base of a relative path
 * @throws UsageError if the file cannot be read
 */
export async function readInputFile(file: string, folder: string): Promise<Uint8Array> {
  try {
    return await (file === '-' ? buffer(process.stdin) : readFile(resolve(folder, file)));
  } catch (error) {
    throw new UsageError(`${file} cannot be read (${getErrorMessage(error)}): correct its path.`);
  }
}

/**
 * Parses the CSV files that spreadsheets write: [RFC 4180](https://www.rfc-editor.org/rfc/rfc4180) with a comma or a semicolon
 * as separator, any line ends, and an optional byte order mark. Blank lines are skipped. A `'` that protects a cell from being
 * executed as a formula is removed.
 * @param bytes in UTF-8
 * @throws UsageError if the bytes are not UTF-8, quotes do not match, or there is no header
 */
export function parseCsv(bytes: Uint8Array): CsvFile {
  const [header, ...records] = parseRecords(decodeUtf8(bytes))
    .map(({ record, info }) => ({
      line: info.lines - countLineEnds(record),
      cells: record.map(unprotectFormula),
    }))
    .filter(({ cells }) => cells.some((cell) => cell.trim() !== ''));
  if (!header) throw new UsageError('The file is empty: its first line must name the columns.');
  return { header, records };
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError('The file is not encoded in UTF-8: save it in UTF-8.');
  }
}

/** The result of the parser with the option `info`. */
interface ParsedRecord {
  readonly record: readonly string[];
  readonly info: Info;
}

function parseRecords(text: string): readonly ParsedRecord[] {
  try {
    // The parser expects the same line end in the whole file.
    const parsed: unknown = parse(text.replace(/\r\n?/g, '\n'), {
      bom: true,
      delimiter: detectDelimiter(text),
      info: true,
      record_delimiter: '\n',
      relax_column_count: true,
      skip_empty_lines: true,
    });
    // The parser's types do not know what the option `info` does.
    return parsed as readonly ParsedRecord[];
  } catch (error) {
    throw new UsageError(`The file is not valid CSV: ${getErrorMessage(error)}.`);
  }
}

/** Where the decimal separator is a comma, spreadsheets separate cells by semicolons. */
function detectDelimiter(text: string): ',' | ';' {
  const [header = ''] = /^.*[^\s\uFEFF].*$/m.exec(text.replace(/"[^"]*"/g, '')) ?? [];
  const count = (delimiter: string) => header.split(delimiter).length;
  return count(';') > count(',') ? ';' : ',';
}

const countLineEnds = (cells: readonly string[]) => cells.join().split('\n').length - 1;

export interface CsvWriterOptions {
  /** Whether to write a byte order mark, by which spreadsheets recognize UTF-8. */
  readonly bom: boolean;
}

/**
 * Writes rows as comma-separated values of RFC 4180, in UTF-8. A cell that a spreadsheet would execute as a formula gets a
 * leading `'`.
 * @param stream stays open
 */
export async function writeCsv(
  rows: AsyncIterable<Readonly<Record<string, unknown>>>,
  columns: readonly string[],
  stream: NodeJS.WritableStream,
  { bom }: CsvWriterOptions,
): Promise<void> {
  const writer = stringify({
    header: true,
    columns: [...columns],
    bom,
    record_delimiter: 'windows',
    // The writer itself quotes only cells that contain the whole record delimiter, CRLF.
    quoted_match: /[\r\n]/,
    cast: { boolean: String, string: protectFormula },
  });
  await pipeline(rows, writer, stream, { end: false });
}
