import { describe, expect, test } from 'vitest';
import { parseRuleHeader, parseRuleRow } from './parse-rules-csv.mjs';

const NAMES = [
  ...['name', 'opening', 'opensAt', 'closesAt', 'days', 'maxOpenSeconds', 'timeZone'],
  ...['userId', 'severity', 'effectiveFrom', 'enabled'],
];
const parseRow = (/** @type {string} */ cells, defaults = {}) =>
  parseRuleRow({ line: 4, cells: cells.split(',') }, NAMES, defaults);

describe('parseRuleRow', () => {
  test('parses every column', () => {
    expect(
      parseRow(
        ' Day ,Door,08:00,18:00,MONDAY|friday, 20 ,Europe/Madrid,ana,critical,2026-01-01T00:00:00Z,false',
      ),
    ).toEqual({
      line: 4,
      faults: [],
      input: {
        ...{ name: ' Day ', opening: 'Door', opensAt: '08:00', closesAt: '18:00' },
        ...{ days: ['MONDAY', 'FRIDAY'], maxOpenSeconds: 20, timeZone: 'Europe/Madrid' },
        ...{ userId: 'ana', severity: 'CRITICAL', effectiveFrom: '2026-01-01T00:00:00Z', enabled: false },
      },
    });
  });

  test('an empty cell is null, no day, or absent', () => {
    expect(parseRow('Day,Door,,,,,,,,,').input).toEqual({
      ...{ name: 'Day', opening: 'Door', opensAt: null, closesAt: null, days: [], maxOpenSeconds: null },
    });
  });

  test('a file without the column days leaves the field absent', () => {
    const names = NAMES.filter((name) => name !== 'days');
    const { input } = parseRuleRow(
      { line: 2, cells: ['Day', 'Door', ...names.slice(2).map(() => '')] },
      names,
      {},
    );
    expect(input).not.toHaveProperty('days');
  });

  test('a cell overrides the default; an empty cell does not', () => {
    const defaults = { userId: 'bea', effectiveFrom: '2026-02-02T00:00:00Z' };
    expect(parseRow('Day,Door,,,,5,,ana,,,', defaults).input).toMatchObject({ ...defaults, userId: 'ana' });
  });

  test('returns every fault with its column', () => {
    const { faults } = parseRow('Day,Door,,,MONDAY|MONDAY,1.5,,,HIGH,,perhaps');
    expect(faults).toMatchObject([
      { column: 'days', code: 'REPEATED', message: 'The value repeats MONDAY: name each day once.' },
      {
        column: 'maxOpenSeconds',
        code: 'INVALID',
        message: 'The value must be a whole number of seconds (it is "1.5").',
      },
      { column: 'severity', code: 'INVALID' },
      { column: 'enabled', code: 'INVALID' },
    ]);
  });

  test.each(['FUNDAY', 'MONDAY|', 'MONDAY;TUESDAY'])('rejects %s as days', (days) => {
    expect(parseRow(`Day,Door,,,${days},5,,,,,`).faults).toMatchObject([{ column: 'days', code: 'INVALID' }]);
  });

  test.each(['99999999999', '2147483648', 'x', '0x10', '1e3'])('rejects %s as seconds', (seconds) => {
    expect(parseRow(`Day,Door,,,,${seconds},,,,,`).faults).toMatchObject([{ column: 'maxOpenSeconds' }]);
  });

  test('leaves the range of seconds to the server', () => {
    expect(parseRow('Day,Door,,,,-5,,,,,')).toMatchObject({ faults: [], input: { maxOpenSeconds: -5 } });
  });

  test('a wrong number of cells concerns the whole row', () => {
    expect(parseRow('Day,Door').faults).toMatchObject([
      { column: null, message: 'The row has 2 cells, but there are 11 columns.' },
    ]);
  });
});

describe('parseRuleHeader', () => {
  const REQUIRED = ['name', 'opening', 'opensAt', 'closesAt', 'maxOpenSeconds', 'timeZone'];

  test('accepts required and optional columns in any order', () => {
    const cells = ['userId', ...REQUIRED.toReversed(), 'days', ' severity ', 'effectiveFrom', 'enabled'];
    expect(parseRuleHeader(cells)).toEqual(cells.map((cell) => cell.trim()));
  });

  test('names all unknown, missing and repeated columns', () => {
    const cells = ['name', 'name', 'colour', 'toString', ...REQUIRED.slice(1, 4)];
    expect(() => parseRuleHeader(cells)).toThrow(
      'The first line has unknown columns: "colour", "toString"; missing columns: maxOpenSeconds, timeZone; ' +
        'repeated columns: name.',
    );
  });
});
