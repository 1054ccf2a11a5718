import { expect, test } from 'vitest';
import { readHeader } from './header.mjs';

const DUE = ['name', 'opening', 'opensAt', 'closesAt', 'maxOpenSeconds', 'timeZone'];

test('columns may come in any order, with optional ones among them', () => {
  const cells = ['userId', ...DUE.toReversed(), 'days', ' severity ', 'effectiveFrom', 'enabled'];
  expect(readHeader(cells)).toEqual(cells.map((cell) => cell.trim()));
});

test('unknown, missing and repeated columns are all named', () => {
  const cells = ['name', 'name', 'colour', 'toString', ...DUE.slice(1, 4)];
  expect(() => readHeader(cells)).toThrow(
    'The first line has unknown columns: "colour", "toString"; missing columns: maxOpenSeconds, timeZone; ' +
      'columns there twice: name.',
  );
});
