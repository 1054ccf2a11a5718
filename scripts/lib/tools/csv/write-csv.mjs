import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';

/**
 * Writes rows as RFC 4180 has them, so that spreadsheets open them rightly: in UTF-8 with a mark that says so, and no cell
 * that they would take for a formula.
 *
 * @param {AsyncIterable<Record<string, unknown>>} rows
 * @param {readonly string[]} titles
 * @param {NodeJS.WritableStream} stream
 * @param {{ bom: boolean }} options
 */
export async function writeCsv(rows, titles, stream, { bom }) {
  const writer = stringify({
    header: true,
    columns: [...titles],
    bom,
    record_delimiter: 'windows',
    escape_formulas: true,
    cast: { boolean: String },
  });
  await pipeline(rows, writer, stream, { end: false });
}
