import { describe, expect, test } from 'vitest';
import { parseReadingsCsv, type ReadingFileOptions } from './parse-readings-csv.js';

const parseText = (text: string, options: Partial<ReadingFileOptions> = {}) =>
  parseReadingsCsv(Buffer.from(text), { timeZone: 'Europe/Madrid', ...options });
/** @returns the readings as `opening STATE at` */
const parseReadings = (text: string, options?: Partial<ReadingFileOptions>) =>
  parseText(text, options).readings.map(({ opening, state, at }) => `${opening} ${state} ${at}`);

describe('a file with an interval in each row', () => {
  const HEADER = 'opening,opened_at,closed_at';

  test('has two readings for each row, ordered by the time at which both are known', () => {
    const text = `opening,place,opened_at,closed_at
Door,Hall,2026-01-31T10:00:00,2026-01-31T10:05:00
Safe,,2026-01-31T10:01:00,
`;
    expect(parseReadings(text)).toEqual([
      'Safe OPEN 2026-01-31T09:01:00.000Z',
      'Door OPEN 2026-01-31T09:00:00.000Z',
      'Door CLOSED 2026-01-31T09:05:00.000Z',
    ]);
    expect(parseText(text).notes).toEqual([]);
  });

  test('ids depend on the content of the reading only', () => {
    const row = 'Door,2026-01-31T10:00:00,2026-01-31T10:05:00';
    const [first] = parseText(`${HEADER}\n${row}\n`).readings;
    const [, again] = parseText(`${HEADER}\nSafe,2025-01-01T00:00,\n${row}\n`).readings;
    expect(again).toStrictEqual(first);
    const ids = parseText(`${HEADER}\n${row}\n`).readings.map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
  });

  test('a file in NFC and the same file in NFD have the same readings', () => {
    const text = `${HEADER}\n Túnel ñ ,2026-01-31T10:00:00,2026-01-31T10:05:00\n`;
    expect(parseText(text.normalize('NFD'))).toStrictEqual(parseText(text.normalize('NFC')));
  });

  test.each([
    '2026-03-02 21:25:58-05',
    '2026-03-03 02:25:58+00',
    '2026-03-03 02:25:58+0000',
    '2026-03-02 21:25:58-05:00[America/Bogota]',
  ])('reads the offset of %s', (time) => {
    expect(parseReadings(`${HEADER}\nDoor,${time},\n`)).toEqual(['Door OPEN 2026-03-03T02:25:58.000Z']);
  });

  test('the second of two equal local times is used, and said, if only it is after the opening', () => {
    const row = 'Door,2025-10-26 02:50,2025-10-26 02:10';
    const { readings, notes } = parseText(`${HEADER}\n${row}\n`);
    expect(readings).toMatchObject([
      { state: 'OPEN', at: '2025-10-26T00:50:00.000Z' },
      { state: 'CLOSED', at: '2025-10-26T01:10:00.000Z', dueAt: '2025-10-26T01:10:00.000Z' },
    ]);
    expect(notes).toEqual([
      'line 2, closed_at: "2025-10-26 02:10" occurs twice in Europe/Madrid, because the clocks go back. ' +
        'The second time is used, because the first is before opened_at.',
    ]);
    // 01:50 and 01:10 as clocks go back in New York.
    expect(
      parseReadings(`${HEADER}\nDoor,2025-11-02 01:50,2025-11-02 01:10\n`, { timeZone: 'America/New_York' }),
    ).toEqual(['Door OPEN 2025-11-02T05:50:00.000Z', 'Door CLOSED 2025-11-02T06:10:00.000Z']);
    // The first one is used if it is possible.
    expect(parseText(`${HEADER}\nDoor,2025-10-26 02:10,2025-10-26 02:50\n`)).toMatchObject({
      readings: [{ at: '2025-10-26T00:10:00.000Z' }, { at: '2025-10-26T00:50:00.000Z' }],
      notes: [],
    });
  });

  test.each([
    ['opening,opened_at\nDoor,2026-01-31T10:00:00', /missing columns: closed_at/],
    ['opening,opened_at,closed_at,colour\n', /unknown columns: "colour"/],
    ['opening,opened_at,closed_at,opened_at\n', /repeated columns: opened_at/],
    ['name,colour\n', /names no column .* A file with a change in each row has time,opening,state\.$/],
    // Without its closing, the opening would raise a false alarm.
    [
      'opening,place,opened_at,closed_at\nDoor,2026-01-31T08:00\nDoor,,2026-01-31T08:00,,\n',
      /^line 2: The row has 2 cells, but there are 4 columns\.\nline 3: The row has 5 cells, .*\.$/,
    ],
    [`${HEADER}\nDoor,2026-01-31T08:00\n`, /^line 2: The row has 2 cells, but there are 3/],
    [`${HEADER}\n,2026-01-31T10:00,`, /line 2, opening: the value must not be empty/],
    [
      `${HEADER}\nDoor,28/11/2026 6:00,`,
      /^line 2, opened_at: .* \(it is "28\/11\/2026 6:00"\): in Excel, format the column as yyyy-mm-dd hh:mm\.$/,
    ],
    [
      `${HEADER}\nDoor,2026-03-02,2026-03-02T10:00\n`,
      /^line 2, opened_at: the value must be a time like 2026-01-31 08:00 \(it is "2026-03-02"\): a date alone is no time, add the time of day\.$/,
    ],
    [
      `${HEADER}\nDoor,2026-01-31T10:00,2026-01-31T09:00`,
      /^line 2, closed_at: the value must not be before opened_at \(it is .*\)\. If clocks went back between the two, set --zone to the zone of the file \(it is Europe\/Madrid\), or write the times with their offsets\.$/,
    ],
    [
      `${HEADER}\nDoor,2025-10-26T03:05,2025-10-26T02:10`,
      /^line 2, closed_at: .* "2025-10-26T02:10" occurs twice in Europe\/Madrid, because the clocks go back, and both times are before opened_at: correct the row, or write the times with their offsets\.$/,
    ],
  ])('rejects %j', (text, message) => {
    expect(() => parseText(text)).toThrow(message);
  });

  test('lists the first 20 faults in the order of the file', () => {
    const rows = Array.from({ length: 25 }, (_, index) => (index === 3 ? 'Door' : 'Door,soon,'));
    const error = (() => {
      try {
        return parseText([HEADER, ...rows].join('\n'));
      } catch (thrown) {
        return thrown as Error;
      }
    })();
    const lines = 'message' in error ? error.message.split('\n') : [];
    expect(lines).toHaveLength(21);
    expect(lines.slice(3, 5)).toEqual([
      'line 5: The row has 1 cells, but there are 3 columns.',
      expect.stringMatching(/^line 6, opened_at/) as string,
    ]);
    expect(lines.at(-1)).toBe('and 5 more.');
  });
});

describe('a file with a change in each row', () => {
  test('has a reading for each row', () => {
    const text = `time,opening,state
2026-01-31T10:00:00,Door,open
2026-01-31T10:01:00,Safe,closed
2026-01-31T10:05:00,Door,closed
`;
    expect(parseReadings(text)).toEqual([
      'Safe CLOSED 2026-01-31T09:01:00.000Z',
      'Door OPEN 2026-01-31T09:00:00.000Z',
      'Door CLOSED 2026-01-31T09:05:00.000Z',
    ]);
  });

  test('has the same readings as a file with intervals', () => {
    const changes =
      'time,opening,state\n2026-01-31 10:05,Door,closed\n2026-01-31 10:00,Door,open\n2026-01-31 11:00,Door,open\n';
    const intervals =
      'opening,opened_at,closed_at\nDoor,2026-01-31 10:00,2026-01-31 10:05\nDoor,2026-01-31 11:00,\n';
    expect(parseText(changes).readings).toStrictEqual(parseText(intervals).readings);
  });

  test('an export of Home Assistant needs no options', () => {
    const text = `entity_id,state,last_changed
binary_sensor.front_door,off,2026-03-02T20:00:00.000Z
binary_sensor.front_door,on,2026-03-02T20:25:58.123Z
binary_sensor.front_door,unavailable,2026-03-02T20:26:00.000Z
binary_sensor.front_door,unknown,2026-03-02T20:26:10.000Z
binary_sensor.front_door,unavailable,2026-03-02T20:26:20.000Z
binary_sensor.front_door,off,2026-03-02T20:27:00.500Z
cover.garage,open,2026-03-02T21:00:00.000Z
cover.garage,closing,2026-03-02T21:01:00.000Z
cover.garage,closed,2026-03-02T21:01:10.000Z
`;
    expect(parseReadings(text)).toEqual([
      'binary_sensor.front_door CLOSED 2026-03-02T20:00:00.000Z',
      'binary_sensor.front_door OPEN 2026-03-02T20:25:58.123Z',
      'binary_sensor.front_door CLOSED 2026-03-02T20:27:00.500Z',
      'cover.garage OPEN 2026-03-02T21:00:00.000Z',
      'cover.garage OPEN 2026-03-02T21:01:00.000Z',
      'cover.garage CLOSED 2026-03-02T21:01:10.000Z',
    ]);
    expect(parseText(text).notes).toEqual(['Skipped rows, by their state: unavailable (2), unknown (1).']);
  });

  test('a log of sensors has its date and time of day in two columns', () => {
    const text = `Date\tTime\tSensor\tMessage\tActivity
2011-06-15\t00:06:32.834414\tD001\tOPEN\t
2011-06-15\t00:06:33.988964\tD001\tCLOSE\tLeave_Home
`;
    expect(parseReadings(text)).toEqual([
      'D001 OPEN 2011-06-14T22:06:32.834Z',
      'D001 CLOSED 2011-06-14T22:06:33.988Z',
    ]);
  });

  test('the columns and states of other logs are options', () => {
    const text = `Event date;Event time;Zone;Code;Text
2026-03-02;21:25:58;012;BA;Burglary
2026-03-02;21:25:59;000;OP;Disarmed
2026-03-02;21:26:40;012;BR;Restoral
2026-03-02;21:26:50;012;XX;Door ajar
`;
    const columns = { time: ['event date', 'event_time'], opening: 'Zone', state: 'CODE' };
    expect(parseReadings(text, { columns, states: { OPEN: ['ba', 'XX'], SKIPPED: ['op'] } })).toEqual([
      '012 OPEN 2026-03-02T20:25:58.000Z',
      '012 CLOSED 2026-03-02T20:26:40.000Z',
      '012 OPEN 2026-03-02T20:26:50.000Z',
    ]);
    expect(() => parseText(text, { columns })).toThrow(
      /^line 3, Code: the value must be one of .* \(it is "OP"\)\.\nline 5, Code: /,
    );
  });

  test('a sensor may report the contrary', () => {
    const text = 'time,opening,state\n2026-01-31T10:00:00,Door,off\n2026-01-31T10:05:00,Door,on\n';
    expect(parseReadings(text, { states: { OPEN: ['off'], CLOSED: ['on'] } })).toEqual([
      'Door OPEN 2026-01-31T09:00:00.000Z',
      'Door CLOSED 2026-01-31T09:05:00.000Z',
    ]);
  });

  const REPEATED_HOUR = [
    ...['00:10,Safe,off', '01:40,Safe,on', '01:50,Door,on', '01:10,Door,off', '01:45,Safe,off'],
  ].map((row) => `2025-11-02 ${row}`);
  test.each([
    ['oldest', REPEATED_HOUR],
    ['newest', REPEATED_HOUR.toReversed()],
  ])('the second of two equal local times is used, and said, with the %s row first', (_, rows) => {
    const { readings, notes } = parseText(['time,opening,state', ...rows].join('\n'), {
      timeZone: 'America/New_York',
    });
    expect(readings.map(({ opening, state, at }) => `${opening} ${state} ${at}`)).toEqual([
      'Safe CLOSED 2025-11-02T04:10:00.000Z',
      'Safe OPEN 2025-11-02T05:40:00.000Z',
      'Safe CLOSED 2025-11-02T05:45:00.000Z',
      'Door OPEN 2025-11-02T05:50:00.000Z',
      'Door CLOSED 2025-11-02T06:10:00.000Z',
    ]);
    expect(notes).toEqual([
      expect.stringMatching(
        /^line (?:5|3), time: "2025-11-02 01:10" occurs twice in America\/New_York, .* before the previous change\.$/,
      ) as string,
    ]);
  });

  test('a log of the repeated hour alone begins with its oldest row', () => {
    const text = 'time,opening,state\n2025-11-02 01:50,Door,on\n2025-11-02 01:10,Door,off\n';
    expect(parseReadings(text, { timeZone: 'America/New_York' })).toEqual([
      'Door OPEN 2025-11-02T05:50:00.000Z',
      'Door CLOSED 2025-11-02T06:10:00.000Z',
    ]);
  });

  test.each([
    [
      {},
      'opening,state\n',
      'names no column date and time, or time, or timestamp, or last_changed: give its',
    ],
    [{ state: 'Code' }, 'time,opening,state\n', 'does not name the column Code of --state-column'],
    [{ time: ['d', 't'] }, 'd,opening,state\n', 'does not name the column d and t of --time-column'],
    [{}, 'time,opening,State,state\n', 'names the column State twice'],
  ])('rejects the columns %j of %j', (columns, text, message) => {
    expect(() => parseText(text, { columns })).toThrow(message);
  });

  test.each([
    ['2026-01-31T10:00:00,Door\n', 'line 2: The row has 2 cells, but there are 3 columns.'],
    ['2026-01-31,Door,on\n', 'line 2, time: the value must be a time like'],
    ['2026-01-31T10:00:00,,on\n', 'line 2, opening: the value must not be empty.'],
    ['2026-01-31T10:00:00,Door,\n', 'line 2, state: the value must be one of'],
  ])('rejects the row %j', (row, message) => {
    expect(() => parseText(`time,opening,state\n${row}`)).toThrow(message);
  });

  test('rejects a value with two meanings', () => {
    expect(() => parseText('time,opening,state\n', { states: { OPEN: ['a', 'b'], CLOSED: ['B'] } })).toThrow(
      '--open-values and --closed-values both have the value "B".',
    );
  });
});
