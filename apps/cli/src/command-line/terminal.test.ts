import { expect, test } from 'vitest';
import { formatTable, type TableColumn } from './terminal.js';

const COLUMNS: readonly TableColumn[] = [{ title: 'kind' }, { title: 'n', align: 'right' }];

test('table columns are as wide as their widest cell', () => {
  expect(
    formatTable(COLUMNS, [
      ['long name', '1'],
      ['x', '100'],
    ]),
  ).toBe('kind         n\nlong name    1\nx          100');
});

test('styles do not count as width', () => {
  const style = (text: string, _row: number, column: number) => (column === 0 ? `<${text}>` : text);
  expect(formatTable(COLUMNS, [['x', '1']], style)).toBe('kind  n\n<x   >  1');
});
