import { describe, expect, test } from 'vitest';
import { findCellCountFault, parseCsvHeader } from './csv-columns.js';

describe('parseCsvHeader', () => {
  const COLUMNS = { required: ['name', 'opening', 'zone'], optional: ['days', 'user'] } as const;

  test('accepts required and optional columns in any order', () => {
    expect(parseCsvHeader(['user', 'zone', ' name ', 'opening'], COLUMNS)).toEqual([
      ...['user', 'zone', 'name', 'opening'],
    ]);
  });

  test('accepts names in any letter case', () => {
    expect(parseCsvHeader(['NAME', 'Opening', 'zone', 'Days'], COLUMNS)).toEqual([
      ...['name', 'opening', 'zone', 'days'],
    ]);
    expect(() => parseCsvHeader(['name', 'Name', 'opening', 'zone'], COLUMNS)).toThrow(
      'repeated columns: name.',
    );
  });

  test('accepts spaces and underscores between the words of a name', () => {
    const columns = { required: ['opensAt', 'opened_at'], optional: ['days'] } as const;
    expect(parseCsvHeader(['Opens At', ' Opened  at '], columns)).toEqual(['opensAt', 'opened_at']);
    expect(parseCsvHeader(['opens_at', 'openedAt'], columns)).toEqual(['opensAt', 'opened_at']);
    expect(() => parseCsvHeader(['opensAt', 'Opens At', 'opened_at'], columns)).toThrow(
      'repeated columns: opensAt.',
    );
  });

  test('a first line without any known column is reported as a file of another kind', () => {
    expect(() => parseCsvHeader(['# Read me', ` ${'and more'.repeat(20)}`], COLUMNS)).toThrow(
      /^The first line names no column of this kind of file \(it is "# Read me, (?:and more){5}a?.*"\): give a CSV file\. Its first/,
    );
  });

  test('names all unknown, missing and repeated columns', () => {
    expect(() => parseCsvHeader(['name', 'name', 'colour', 'toString', 'days'], COLUMNS)).toThrow(
      'The first line has unknown columns: "colour", "toString"; missing columns: opening, zone; ' +
        'repeated columns: name. It must have name,opening,zone and may have days, user.',
    );
  });
});

test.each([
  [['a'], 'The row has 1 cells, but there are 2 columns.'],
  [['a', ''], undefined],
  [['a', 'b', ''], 'The row has 3 cells, but there are 2 columns.'],
])('the fault of the cells %j for two columns is %s', (cells, fault) => {
  expect(findCellCountFault({ cells }, ['opening', 'place'])).toBe(fault);
});
