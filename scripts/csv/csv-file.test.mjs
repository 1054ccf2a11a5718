import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { parseCsv, writeCsv } from './csv-file.mjs';

/** @param {string} text */
const parseText = (text) => parseCsv(Buffer.from(text));

describe('parseCsv', () => {
  test.each([
    ['LF', 'a,b\n1,2\n3,4\n'],
    ['CRLF', 'a,b\r\n1,2\r\n3,4\r\n'],
    ['CR', 'a,b\r1,2\r3,4'],
    ['a BOM', '\uFEFFa,b\n1,2\n3,4'],
    ['quotes', '"a",b\n"1",2\n3,"4"\n'],
  ])('parses a file with %s', (_, text) => {
    expect(parseText(text)).toEqual({
      header: { line: 1, cells: ['a', 'b'] },
      records: [
        { line: 2, cells: ['1', '2'] },
        { line: 3, cells: ['3', '4'] },
      ],
    });
  });

  test('numbers lines as an editor does, with blank lines and cells of several lines', () => {
    const { header, records } = parseText('\n\na,b\n\n1,"x\ny ""z"", w"\r\n  ,\n2,\n');
    expect(header.line).toBe(3);
    expect(records).toEqual([
      { line: 5, cells: ['1', 'x\ny "z", w'] },
      { line: 8, cells: ['2', ''] },
    ]);
  });

  test('returns rows with a wrong number of cells', () => {
    expect(parseText('a,b\n1\n1,2,3').records.map(({ cells }) => cells.length)).toEqual([1, 3]);
  });

  test.each([
    ['a,b\n1,"x\n2,3\n', /not valid CSV: .*Quote Not Closed/],
    ['', /is empty/],
    ['\n \n', /is empty/],
  ])('rejects the file %j', (text, reason) => {
    expect(() => parseText(text)).toThrow(reason);
  });
});

/** @param {readonly Record<string, unknown>[]} rows @param {{ bom?: boolean }} [options] */
async function writeToText(rows, { bom = false } = {}) {
  const stream = new PassThrough();
  const output = buffer(stream);
  await writeCsv(toAsyncIterable(rows), ['a', 'b'], stream, { bom });
  stream.end();
  return (await output).toString();
}

/** @param {readonly Record<string, unknown>[]} rows */
async function* toAsyncIterable(rows) {
  for (const row of rows) yield await Promise.resolve(row);
}

describe('writeCsv', () => {
  test('lines end with CRLF, and special characters are quoted', async () => {
    expect(await writeToText([{ a: 'x, "y"\nz', b: null }])).toBe('a,b\r\n"x, ""y""\nz",\r\n');
    expect(await writeToText([{ a: 'x\ny', b: '' }])).toBe('a,b\r\n"x\ny",\r\n');
    expect(await writeToText([{ a: true, b: 5 }])).toBe('a,b\r\ntrue,5\r\n');
  });

  test('cells that a spreadsheet would execute as formulas are escaped', async () => {
    const cells = ['=1+1', '+1', '-1', '@a', '\tx', '\rx'];
    const lines = (await writeToText(cells.map((a) => ({ a, b: '' })))).split('\r\n').slice(1, -1);
    for (const line of lines) expect(line.replace(/^"/, '')).toMatch(/^'/);
  });

  test('the byte order mark is optional', async () => {
    expect(await writeToText([{ a: 'ñ', b: '' }], { bom: true })).toBe('\uFEFFa,b\r\nñ,\r\n');
  });

  test('an empty list has a header', async () => {
    expect(await writeToText([])).toBe('a,b\r\n');
  });
});
