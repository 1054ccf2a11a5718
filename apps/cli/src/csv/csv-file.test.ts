import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { parseCsvHeader } from './csv-columns.js';
import { parseCsv, writeCsv } from './csv-file.js';

const parseBytes = (bytes: Uint8Array, [first = 'a', ...others]: readonly string[] = ['a', 'b']) =>
  parseCsv(bytes, (cells) => parseCsvHeader(cells, { required: [first], optional: others }));
const parseText = (text: string, columns?: readonly string[]) => parseBytes(Buffer.from(text), columns);

describe('parseCsv', () => {
  test.each([
    ['LF', 'a,b\n1,2\n3,4\n'],
    ['CRLF', 'a,b\r\n1,2\r\n3,4\r\n'],
    ['CR', 'a,b\r1,2\r3,4'],
    ['a BOM', '\uFEFFa,b\n1,2\n3,4'],
    ['quotes', '"a",b\n"1",2\n3,"4"\n'],
    ['semicolons', 'a;b\n1;2\n3;4\n'],
    ['semicolons and a BOM', '\uFEFFa;b\r\n1;2\r\n3;4\r\n'],
    ['semicolons and quotes', '"a";b\n"1";2\n3;"4"\n'],
    ['tabs', 'a\tb\n1\t2\n3\t4\n'],
    ['blank records', 'a,b\n1,2\n3,4\n , \n,\n'],
  ])('parses a file with %s', (_, text) => {
    expect(parseText(text)).toEqual({
      columns: ['a', 'b'],
      records: [
        { line: 2, cells: ['1', '2'] },
        { line: 3, cells: ['3', '4'] },
      ],
    });
  });

  test('numbers lines as an editor does, with blank lines and cells of several lines', () => {
    const { records } = parseText('\n\na,b\n\n1,"x\ny ""z"", w"\r\n  ,\n2,\n');
    expect(records).toEqual([
      { line: 5, cells: ['1', 'x\ny "z", w'] },
      { line: 8, cells: ['2', ''] },
    ]);
  });

  test('takes the separator from the header, outside of quotes', () => {
    expect(parseText('\n"a,x,y";b\n1,5;2\n', ['a,x,y', 'b'])).toMatchObject({
      columns: ['a,x,y', 'b'],
      records: [{ cells: ['1,5', '2'] }],
    });
    expect(parseText('"a;x;y",b\n1;5,2\n', ['a;x;y', 'b']).records).toMatchObject([{ cells: ['1;5', '2'] }]);
    expect(parseText('a\n1\n').records).toMatchObject([{ cells: ['1'] }]);
  });

  test.each(['sep=;\n', 'sep=;\r\n', '\uFEFFSEP=;\n', '"sep=;"\r\n', 'sep=;;\n'])(
    'takes the separator from the line %j',
    (line) => {
      expect(parseText(`${line}a;b,c\n1;2,3\n`, ['a', 'b,c'])).toEqual({
        columns: ['a', 'b,c'],
        records: [{ line: 3, cells: ['1', '2,3'] }],
      });
    },
  );

  test('a file of another kind is reported by its first line, although it is no valid CSV', () => {
    expect(() => parseText('# A text\n\nIt has "quotes" in it.\n')).toThrow(
      /^The first line names no column of this kind of file \(it is "# A text"\)/,
    );
  });

  test.each([
    ['UTF-16LE', Buffer.from('\uFEFFa\tb\r\nPuerta de señal\t🚪\r\n', 'utf16le')],
    ['UTF-16BE', Buffer.from('\uFEFFa;b\nPuerta de señal;🚪\n', 'utf16le').swap16()],
  ])('parses a file in %s with a byte order mark', (_, bytes) => {
    expect(parseBytes(bytes)).toEqual({
      columns: ['a', 'b'],
      records: [{ line: 2, cells: ['Puerta de señal', '🚪'] }],
    });
  });

  test.each([
    ['Windows-1252', Buffer.from('a,b\nPuerta de se\xF1al,1\n', 'latin1'), 'is not encoded in UTF-8: save'],
    [
      'UTF-16 without a byte order mark',
      Buffer.from('a,b\n1,2\n', 'utf16le'),
      'is encoded in UTF-16 without a byte order mark, or is no text: save',
    ],
    [
      'half of UTF-16',
      Buffer.from('\uFEFFa,b\n1,2\uD83D\n', 'utf16le'),
      'begins like UTF-16, but cannot be read as such: save',
    ],
  ])('rejects a file in %s, and names the format to save it in', (_, bytes, problem) => {
    expect(() => parseBytes(bytes)).toThrow(`The file ${problem} it as "CSV UTF-8" in Excel`);
  });

  test('removes the protection from formulas', () => {
    expect(parseText("a,b\n'=1+1,'Door\n").records).toMatchObject([{ cells: ['=1+1', "'Door"] }]);
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

async function writeToText(rows: readonly Record<string, unknown>[], { bom = false } = {}) {
  const stream = new PassThrough();
  const output = buffer(stream);
  await writeCsv(toAsyncIterable(rows), ['a', 'b'], stream, { bom });
  stream.end();
  return (await output).toString();
}

async function* toAsyncIterable(rows: readonly Record<string, unknown>[]) {
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

  test('cells are read as they were written', async () => {
    const cells = ['=1+1', "'=1", "'Door", '-5', 'a;b', 'x\ny', '"'];
    const { records } = parseText(await writeToText(cells.map((a) => ({ a, b: '' }))));
    expect(records.map(({ cells: [a] }) => a)).toEqual(cells);
  });

  test('the byte order mark is optional', async () => {
    expect(await writeToText([{ a: 'ñ', b: '' }], { bom: true })).toBe('\uFEFFa,b\r\nñ,\r\n');
  });

  test('an empty list has a header', async () => {
    expect(await writeToText([])).toBe('a,b\r\n');
  });
});
