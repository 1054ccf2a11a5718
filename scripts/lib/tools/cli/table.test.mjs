import { expect, test } from 'vitest';
import { table } from './table.mjs';

const COLUMNS = /** @type {const} */ ([{ title: 'kind' }, { title: 'n', align: 'right' }]);

test('columns are as wide as their widest cell, figures to the right', () => {
  expect(
    table(COLUMNS, [
      ['long name', '1'],
      ['x', '100'],
    ]),
  ).toBe('kind         n\nlong name    1\nx          100');
});

test('colours do not count for the width', () => {
  const paint = (/** @type {string} */ text, /** @type {number} */ _row, /** @type {number} */ column) =>
    column === 0 ? `<${text}>` : text;
  expect(table(COLUMNS, [['x', '1']], paint)).toBe('kind  n\n<x   >  1');
});
