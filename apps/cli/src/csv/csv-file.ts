import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { TextDecoder } from 'node:util';
import { parse, type Info } from 'csv-parse/sync';
import { stringify } from 'csv-stringify';
import { getErrorCode, getErrorMessage, UsageError } from '../shared/errors.js';
import { parseCsvHeader, type CsvColumns } from './csv-columns.js';
import { protectFormula, unprotectFormula } from './formula-protection.js';

export interface CsvRecord {
  /** The record's first line, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

export interface CsvFile<Column extends string> {
  /** The columns of the file, in their order. */
  readonly columns: readonly Column[];
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
    const code = getErrorCode(error);
    // The message of a system error repeats the path.
    throw new UsageError(
      code === 'ENOENT'
        ? `${file} does not exist: correct its path.`
        : `${file} cannot be read (${code ?? getErrorMessage(error)}): correct its path or its permissions.`,
    );
  }
}

/**
 * Parses the CSV files that spreadsheets write: [RFC 4180](https://www.rfc-editor.org/rfc/rfc4180) with a comma, a semicolon or
 * a tab as separator, any line ends, and an optional byte order mark. A first line like `sep=;`, by which Excel recognizes
 * the separator, names no columns. Blank lines are skipped. A `'` that protects a cell from being executed as a formula is
 * removed.
 * @param bytes in UTF-8
 * @param knownColumns of this kind of file
 * @throws UsageError if the bytes are not UTF-8, quotes do not match, or the first line does not name the columns
 */
export function parseCsv<Required extends string, Optional extends string>(
  bytes: Uint8Array,
  knownColumns: CsvColumns<Required, Optional>,
): CsvFile<Required | Optional> {
  // The parser expects the same line end in the whole file.
  const content = decodeUtf8(bytes).replace(/\r\n?/g, '\n');
  const [separatorLine = '', separator] = SEPARATOR_LINE.exec(content) ?? [];
  // Without its line end, so that the numbers of the other lines stay correct.
  const text = content.slice(separatorLine.length);
  const delimiter = separator ?? detectDelimiter(text);
  // The first line is checked alone: a file of another kind is no valid CSV either.
  const [header] = parseRecords(text, { delimiter, to: 1 });
  if (!header) throw new UsageError('The file is empty: its first line must name the columns.');
  const columns = parseCsvHeader(header.cells, knownColumns);
  return { columns, records: parseRecords(text, { delimiter, from: 2 }) };
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(
      'The file is not encoded in UTF-8: save it as "CSV UTF-8" in Excel, or with the character set UTF-8 in another program.',
    );
  }
}

/** The parser counts the line end as a line. */
const SEPARATOR_LINE = /^"?sep=([^\n])"?.*/i;

/** The result of the parser with the option `info`. */
interface ParsedRecord {
  readonly record: readonly string[];
  readonly info: Info;
}

function parseRecords(
  text: string,
  options: { readonly delimiter: string; readonly from?: number; readonly to?: number },
): readonly CsvRecord[] {
  try {
    const parsed: unknown = parse(text, {
      ...options,
      info: true,
      record_delimiter: '\n',
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
    });
    // The parser's types do not know what the option `info` does.
    return (parsed as readonly ParsedRecord[]).map(({ record, info }) => ({
      line: info.lines - countLineEnds(record),
      cells: record.map(unprotectFormula),
    }));
  } catch (error) {
    throw new UsageError(`The file is not valid CSV: ${getErrorMessage(error)}.`);
  }
}

/** Where the decimal separator is a comma, spreadsheets separate cells by semicolons. */
function detectDelimiter(text: string): string {
  const [header = ''] = /^.*\S.*$/m.exec(text.replace(/"[^"]*"/g, '')) ?? [];
  const count = (delimiter: string) => header.split(delimiter).length;
  return [',', ';', '\t'].reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
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
