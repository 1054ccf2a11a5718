import { describe, expect, test } from 'vitest';
import { readCsv } from './read-csv.mjs';

describe('readCsv', () => {
  test.each([
    ['LF', 'a,b\n1,2\n3,4\n'],
    ['CRLF', 'a,b\r\n1,2\r\n3,4\r\n'],
    ['CR', 'a,b\r1,2\r3,4'],
    ['a BOM', '\uFEFFa,b\n1,2\n3,4'],
    ['quotes', '"a",b\n"1",2\n3,"4"\n'],
  ])('reads a file with %s', (_, text) => {
    expect(readCsv(text)).toEqual({
      header: { line: 1, cells: ['a', 'b'] },
      records: [
        { line: 2, cells: ['1', '2'] },
        { line: 3, cells: ['3', '4'] },
      ],
    });
  });

  test('numbers lines as an editor does, over blank lines and cells of several lines', () => {
    const { header, records } = readCsv('\n\na,b\n\n1,"x\ny ""z"", w"\r\n  ,\n2,\n');
    expect(header.line).toBe(3);
    expect(records).toEqual([
      { line: 5, cells: ['1', 'x\ny "z", w'] },
      { line: 8, cells: ['2', ''] },
    ]);
  });

  test('passes on rows of a wrong length', () => {
    expect(readCsv('a,b\n1\n1,2,3').records.map(({ cells }) => cells.length)).toEqual([1, 3]);
  });

  test.each([
    ['a,b\n1,"x\n2,3\n', /no CSV: .*Quote Not Closed/],
    ['', /is empty/],
    ['\n \n', /is empty/],
  ])('refuses %j as a whole', (text, reason) => {
    expect(() => readCsv(text)).toThrow(reason);
  });
});
