import { describe, expect, test } from 'vitest';
import { readRow } from './row.mjs';

const NAMES = [
  ...['name', 'opening', 'opensAt', 'closesAt', 'days', 'maxOpenSeconds', 'timeZone'],
  ...['userId', 'severity', 'effectiveFrom', 'enabled'],
];
const row = (/** @type {string} */ cells, defaults = {}) =>
  readRow({ line: 4, cells: cells.split(',') }, NAMES, defaults);

describe('readRow', () => {
  test('reads every column', () => {
    expect(
      row(' Day ,Door,08:00,18:00,MONDAY|friday, 20 ,Europe/Madrid,ana,critical,2026-01-01T00:00:00Z,false'),
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

  test('what is empty is null, no day, or not said', () => {
    expect(row('Day,Door,,,,,,,,,').input).toEqual({
      ...{ name: 'Day', opening: 'Door', opensAt: null, closesAt: null, days: [], maxOpenSeconds: null },
    });
  });

  test('of a file without the column days, nothing is said of them', () => {
    const names = NAMES.filter((name) => name !== 'days');
    const { input } = readRow(
      { line: 2, cells: ['Day', 'Door', ...names.slice(2).map(() => '')] },
      names,
      {},
    );
    expect(input).not.toHaveProperty('days');
  });

  test('a row goes before the defaults, and they before nothing', () => {
    const defaults = { userId: 'bea', effectiveFrom: '2026-02-02T00:00:00Z' };
    expect(row('Day,Door,,,,5,,ana,,,', defaults).input).toMatchObject({ ...defaults, userId: 'ana' });
  });

  test('tells every fault, by column', () => {
    const { faults } = row('Day,Door,,,MONDAY|MONDAY,1.5,,,HIGH,,perhaps');
    expect(faults).toMatchObject([
      { column: 'days', code: 'REPEATED', message: 'It names MONDAY more than once.' },
      {
        column: 'maxOpenSeconds',
        code: 'INVALID',
        message: 'It must be a whole number of seconds (it is "1.5").',
      },
      { column: 'severity', code: 'INVALID' },
      { column: 'enabled', code: 'INVALID' },
    ]);
  });

  test.each(['FUNDAY', 'MONDAY|', 'MONDAY;TUESDAY'])('%s are no days', (days) => {
    expect(row(`Day,Door,,,${days},5,,,,,`).faults).toMatchObject([{ column: 'days', code: 'INVALID' }]);
  });

  test.each(['99999999999', '2147483648', 'x', '0x10', '1e3'])('%s are no seconds', (seconds) => {
    expect(row(`Day,Door,,,,${seconds},,,,,`).faults).toMatchObject([{ column: 'maxOpenSeconds' }]);
  });

  test('what is out of range is left to the server', () => {
    expect(row('Day,Door,,,,-5,,,,,')).toMatchObject({ faults: [], input: { maxOpenSeconds: -5 } });
  });

  test('a row of another length is a fault of the row', () => {
    expect(row('Day,Door').faults).toMatchObject([
      { column: null, message: 'It has 2 cells, and there are 11 columns.' },
    ]);
  });
});
