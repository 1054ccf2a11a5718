import { WEEKDAYS } from '@seguridad-abc/contracts';
import { findOutdatedZoneNotice } from '@seguridad-abc/evaluation';
import { describe, expect, test } from 'vitest';
import { RULE_COLUMN_NAMES, type RuleColumnName } from '../../csv/rule-columns.js';
import {
  describeNeverAllowedRows,
  describeOutdatedZoneRows,
  parseRuleRow,
  parseRulesCsv,
  type RowDefaults,
} from './parse-rules-csv.js';

const EMPTY_CELLS = Object.fromEntries(RULE_COLUMN_NAMES.map((name) => [name, '']));

/** Parses a row of a file that has exactly the given columns. @param cells by column */
const parseRow = (cells: Partial<Record<RuleColumnName, string>>, defaults: RowDefaults = {}) =>
  parseRuleRow({ line: 4, cells: Object.values(cells) }, Object.keys(cells) as RuleColumnName[], defaults);

describe('parseRuleRow', () => {
  test('parses each kind of cell', () => {
    expect(
      parseRow({
        ...{ name: ' Day ', opening: 'Door', opensAt: '08:00', closesAt: '18:00', days: 'MONDAY|friday' },
        ...{ maxOpenSeconds: ' 20 ', timeZone: 'Europe/Madrid', userId: 'ana', severity: 'critical' },
        ...{ effectiveFrom: '2026-01-01T00:00:00Z', enabled: 'false' },
        ...{ calendar: ' Holidays ', graceSeconds: '60', activeWindows: 'SAT 22:00-06:00' },
        ...{ silentAfterSeconds: '3600', onTamper: 'TRUE', onBatteryLow: 'false' },
      }),
    ).toEqual({
      line: 4,
      faults: [],
      calendar: 'Holidays',
      input: {
        ...{ name: ' Day ', opening: 'Door', opensAt: '08:00', closesAt: '18:00' },
        ...{ days: ['MONDAY', 'FRIDAY'], maxOpenSeconds: 20, timeZone: 'Europe/Madrid' },
        ...{ userId: 'ana', severity: 'CRITICAL', effectiveFrom: '2026-01-01T00:00:00Z', enabled: false },
        ...{ graceSeconds: 60, silentAfterSeconds: 3_600, onTamper: true, onBatteryLow: false },
        activeWindows: [{ days: ['SATURDAY'], opensAt: '22:00', closesAt: '06:00' }],
      },
    });
  });

  test('an empty cell is null, no day, or absent', () => {
    expect(parseRow({ ...EMPTY_CELLS, name: 'Day', opening: 'Door' }).input).toEqual({
      ...{ name: 'Day', opening: 'Door', opensAt: null, closesAt: null, days: [], maxOpenSeconds: null },
      ...{ activeWindows: null, silentAfterSeconds: null },
    });
  });

  test('a file without the column days leaves the field absent', () => {
    expect(parseRow({ name: 'Day', opening: 'Door', opensAt: '' }).input).not.toHaveProperty('days');
  });

  test('a cell overrides the default; an empty cell does not', () => {
    const defaults = { userId: 'bea', effectiveFrom: '2026-02-02T00:00:00Z' };
    expect(parseRow({ userId: 'ana', effectiveFrom: '' }, defaults).input).toMatchObject({
      ...defaults,
      userId: 'ana',
    });
  });

  test('returns every fault with its column', () => {
    const cells = { days: 'MONDAY|MONDAY', maxOpenSeconds: '1.5', severity: 'HIGH', enabled: 'perhaps' };
    const { faults } = parseRow(cells);
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

  test.each(['MONDAY, TUESDAY', 'monday,tuesday', 'MONDAY | TUESDAY'])('reads the days %s', (days) => {
    expect(parseRow({ days })).toMatchObject({ faults: [], input: { days: ['MONDAY', 'TUESDAY'] } });
  });

  test.each([
    [
      'opensAt',
      '8:00 AM',
      'a time like 08:00 or 18:30 (it is "8:00 AM"): in Excel, format the column as hh:mm.',
    ],
    ['closesAt', '6:00:00\u00A0p.\u00A0m.', 'in Excel, format the column as hh:mm.'],
    ['enabled', 'VERDADERO', 'The value must be one of TRUE, FALSE (it is "VERDADERO").'],
  ])('names the right form of the %s %s', (name, cell, message) => {
    expect(parseRow({ [name]: cell }).faults).toMatchObject([
      { column: name, code: 'INVALID', message: expect.stringContaining(message) as unknown },
    ]);
  });

  test.each([
    ['2026-11-01', 'Europe/Madrid', '2026-10-31T23:00:00.000Z'],
    // The zone of a rule without one is America/Bogota.
    ['2026-11-01', '', '2026-11-01T05:00:00.000Z'],
    // The server reports these.
    ['2026-02-30', '', '2026-02-30'],
    ['2026-11-01', 'Mars/Olympus', '2026-11-01'],
    ['1/11/2026', '', '1/11/2026'],
  ])('effectiveFrom %s in the zone "%s" is %s', (effectiveFrom, timeZone, instant) => {
    expect(parseRow({ effectiveFrom, timeZone }).input).toMatchObject({ effectiveFrom: instant });
    expect(parseRow({ timeZone }, { effectiveFrom }).input).toMatchObject({ effectiveFrom: instant });
  });

  test.each(['FUNDAY', 'MONDAY|', 'MONDAY;TUESDAY'])('rejects %s as days', (days) => {
    expect(parseRow({ days }).faults).toMatchObject([{ column: 'days', code: 'INVALID' }]);
  });

  test.each(['99999999999', '2147483648', 'x', '0x10', '1e3'])('rejects %s as seconds', (maxOpenSeconds) => {
    expect(parseRow({ maxOpenSeconds }).faults).toMatchObject([{ column: 'maxOpenSeconds' }]);
  });

  test('leaves the range of seconds to the server', () => {
    expect(parseRow({ maxOpenSeconds: '-5' })).toMatchObject({ faults: [], input: { maxOpenSeconds: -5 } });
  });

  test.each([
    ['8:00', '08:00'],
    ['8:00:30', '08:00:30'],
    [' 18:00 ', '18:00'],
    ['8', '8'],
  ])('reads the time %s as %s', (cell, time) => {
    expect(parseRow({ opensAt: cell, closesAt: cell }).input).toEqual({ opensAt: time, closesAt: time });
  });

  test('a wrong number of cells concerns the whole row', () => {
    expect(parseRuleRow({ line: 4, cells: ['Day', 'Door'] }, RULE_COLUMN_NAMES, {}).faults).toMatchObject([
      { column: null, message: `The row has 2 cells, but there are ${RULE_COLUMN_NAMES.length} columns.` },
    ]);
  });
});

describe('the hours of a row', () => {
  const windows = 'MON-FRI 09:00-13:00; SAT 16:00-20:00 open by 16:30';
  const parsedWindows = [
    { days: WEEKDAYS.slice(0, 5), opensAt: '09:00', closesAt: '13:00', openBy: null },
    { days: ['SATURDAY'], opensAt: '16:00', closesAt: '20:00', openBy: '16:30' },
  ];

  test.each([
    ['windows', { windows }, { windows: parsedWindows }],
    [
      'windows, with empty cells in the other columns',
      { opensAt: '', closesAt: ' ', days: '', windows },
      { windows: parsedWindows },
    ],
    ['no window', { opensAt: '', closesAt: '', days: '', windows: 'never' }, { windows: [] }],
    ['no hours, in a file that has only the column windows', { windows: '' }, { windows: null }],
    [
      'opensAt, closesAt and days, with an empty cell of windows',
      { opensAt: '08:00', closesAt: '18:00', days: 'MONDAY', windows: '' },
      { opensAt: '08:00', closesAt: '18:00', days: ['MONDAY'] },
    ],
    [
      'no hours, in a file that has all columns',
      { opensAt: '', closesAt: '', days: '', windows: '' },
      { opensAt: null, closesAt: null, days: [] },
    ],
  ])('can be %s', (_, cells, input) => {
    expect(parseRow(cells)).toMatchObject({ faults: [] });
    expect(parseRow(cells).input).toEqual(input);
  });

  test('must have one form', () => {
    const { input, faults } = parseRow({ opensAt: '08:00', closesAt: '18:00', days: '', windows });
    expect(input).toEqual({});
    expect(faults).toEqual([
      {
        column: 'windows',
        code: 'INVALID',
        message: 'The row has windows and also opensAt, closesAt: write the hours in one form only.',
      },
    ]);
  });

  test('a fault names the window', () => {
    expect(parseRow({ windows: '09:00-13:00; 25:00-26:00' })).toMatchObject({
      input: {},
      faults: [
        { column: 'windows', message: expect.stringContaining('Window 2 of 2 ("25:00-26:00")') as unknown },
      ],
    });
  });
});

describe('describeNeverAllowedRows', () => {
  const createRow = (line: number, cells: Partial<Record<RuleColumnName, string>>) => ({
    ...parseRow({ opensAt: '08:00', closesAt: '18:00', ...cells }),
    line,
  });

  test('notes a row with hours and an empty cell of days', () => {
    const rows = [
      createRow(2, { days: 'MONDAY' }),
      createRow(3, {}),
      createRow(4, { days: '' }),
      createRow(5, { days: '', opensAt: '', closesAt: '' }),
      createRow(6, { days: '', severity: 'HIGH' }),
    ];
    expect(describeNeverAllowedRows(rows)).toEqual([
      'line 4: hours but no day, so this opening is never allowed: name the days, or remove the column.',
    ]);
  });

  test('counts the rows after the first 20', () => {
    const rows = Array.from({ length: 25 }, (_, index) => createRow(index + 2, { days: '' }));
    const notes = describeNeverAllowedRows(rows);
    expect(notes).toHaveLength(21);
    expect(notes.at(-1)).toBe('and 5 more rows like these.');
  });
});

test('names the zones whose changes the time zone data of this Node.js lacks', () => {
  const zones = ['America/Vancouver', 'Europe/Madrid', '', 'Africa/Casablanca', 'America/Vancouver'];
  const rows = zones.map((timeZone, index) => ({ ...parseRow({ timeZone }), line: index + 2 }));
  const [vancouver, casablanca] = ['America/Vancouver', 'Africa/Casablanca'].map(findOutdatedZoneNotice);
  expect(describeOutdatedZoneRows(rows)).toEqual([
    ...(vancouver === undefined ? [] : [`line 2 and 1 more: ${vancouver}`]),
    ...(casablanca === undefined ? [] : [`line 5: ${casablanca}`]),
  ]);
});

test('a header with unknown, missing or repeated columns is refused', () => {
  expect(() => parseRulesCsv(Buffer.from('name,name,colour,opening,opensAt,closesAt\n'), {})).toThrow(
    'The first line has unknown columns: "colour"; missing columns: maxOpenSeconds, timeZone; ' +
      'repeated columns: name.',
  );
});

test.each([
  ['opensAt,maxOpenSeconds'],
  ['windows,opensAt,maxOpenSeconds'],
  ['windows,days,maxOpenSeconds'],
  ['maxOpenSeconds'],
])('a header with %s is refused: it lacks columns of hours', (columns) => {
  expect(() => parseRulesCsv(Buffer.from(`name,opening,timeZone,${columns}\n`), {})).toThrow(
    'The first line must have the columns opensAt and closesAt, and may have days; or it must have the column windows.',
  );
});

test.each(['opensAt,closesAt', 'windows', 'opensAt,closesAt,windows', 'opensAt,closesAt,days,windows'])(
  'a header with %s is accepted',
  (columns) => {
    const header = `name,opening,timeZone,maxOpenSeconds,${columns}\n`;
    expect(parseRulesCsv(Buffer.from(header), {})).toEqual([]);
  },
);

test('a file from a spreadsheet has a BOM, semicolons, short times and protected cells', () => {
  const text =
    "\uFEFFname;opening;opensAt;closesAt;days;maxOpenSeconds;timeZone\r\n'=Day;Door;8:00;18:00;MONDAY|FRIDAY;;\r\n";
  expect(parseRulesCsv(Buffer.from(text), {})).toEqual([
    {
      line: 2,
      faults: [],
      calendar: null,
      input: {
        ...{ name: '=Day', opening: 'Door', opensAt: '08:00', closesAt: '18:00' },
        ...{ days: ['MONDAY', 'FRIDAY'], maxOpenSeconds: null },
      },
    },
  ]);
});
