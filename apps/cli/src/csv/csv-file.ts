import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { TextDecoder } from 'node:util';
import { parse, type Info } from 'csv-parse/sync';
import { stringify } from 'csv-stringify';
import { getErrorCode, getErrorMessage, UsageError } from '../shared/errors.js';
import { protectFormula, unprotectFormula } from './formula-protection.js';

export interface CsvRecord {
  /** The record's first line, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

export interface CsvFile<Columns> {
  /** What the first line says about the columns. */
  readonly columns: Columns;
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
 * @param bytes in UTF-8, or in UTF-16 with a byte order mark
 * @param readHeader reads the cells of the first line, and throws a UsageError if they are not those of this kind of file
 * @throws UsageError if the bytes have another encoding, or quotes do not match
 */
export function parseCsv<Columns>(
  bytes: Uint8Array,
  readHeader: (cells: readonly string[]) => Columns,
): CsvFile<Columns> {
  // The parser expects the same line end in the whole file.
  const content = decodeText(bytes).replace(/\r\n?/g, '\n');
  const [separatorLine = '', separator] = SEPARATOR_LINE.exec(content) ?? [];
  // Without its line end, so that the numbers of the other lines stay correct.
  const text = content.slice(separatorLine.length);
  const delimiter = separator ?? detectDelimiter(text);
  // The first line is checked alone: a file of another kind is no valid CSV either.
  const [header] = parseRecords(text, { delimiter, to: 1 });
  if (!header) throw new UsageError('The file is empty: its first line must name the columns.');
  const columns = readHeader(header.cells);
  return { columns, records: parseRecords(text, { delimiter, from: 2 }) };
}

const SAVE_AS_UTF_8 = 'save it as "CSV UTF-8" in Excel, or with the character set UTF-8 in another program';

/** Excel writes UTF-16 with a byte order mark as "Unicode Text". */
function decodeText(bytes: Uint8Array): string {
  const encoding = detectEncoding(bytes);
  // The texts of CSV files have no NUL, but UTF-16 has one for each ASCII character.
  if (encoding === 'utf-8' && bytes.includes(0)) {
    throw new UsageError(
      `The file is encoded in UTF-16 without a byte order mark, or is no text: ${SAVE_AS_UTF_8}.`,
    );
  }
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    const problem =
      encoding === 'utf-8'
        ? 'The file is not encoded in UTF-8'
        : 'The file begins like UTF-16, but cannot be read as such';
    throw new UsageError(`${problem}: ${SAVE_AS_UTF_8}.`);
  }
}

function detectEncoding([first, second]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
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
