import { describe, expect, test } from 'vitest';
import { parseOpeningsCsv } from './parse-openings-csv.js';

const ZONE = 'Europe/Madrid';
const parseText = (text: string) => parseOpeningsCsv(Buffer.from(text), ZONE);

describe('parseOpeningsCsv', () => {
  test('returns the readings of each row, ordered by the time at which both are known', () => {
    const text = `opening,place,opened_at,closed_at
Door,Hall,2026-01-31T10:00:00,2026-01-31T10:05:00
Safe,,2026-01-31T10:01:00,
`;
    expect(parseText(text)).toMatchObject([
      { opening: 'Safe', state: 'OPEN', at: '2026-01-31T09:01:00.000Z' },
      { opening: 'Door', state: 'OPEN', at: '2026-01-31T09:00:00.000Z' },
      { opening: 'Door', state: 'CLOSED', at: '2026-01-31T09:05:00.000Z' },
    ]);
  });

  test('ids depend on the content of the reading only', () => {
    const row = 'Door,2026-01-31T10:00:00,2026-01-31T10:05:00';
    const [first] = parseText(`opening,opened_at,closed_at\n${row}\n`);
    const [, again] = parseText(`opening,opened_at,closed_at\nSafe,2025-01-01T00:00,\n${row}\n`);
    expect(again).toStrictEqual(first);
    const ids = parseText(`opening,opened_at,closed_at\n${row}\n`).map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
  });

  test.each([
    ['opening,opened_at\nDoor,2026-01-31T10:00:00', /missing columns: closed_at/],
    ['opening,opened_at,closed_at,colour\n', /unknown columns: "colour"/],
    ['opening,opened_at,closed_at,opened_at\n', /repeated columns: opened_at/],
    // Without its closing, the opening would raise a false alarm.
    [
      'opening,place,opened_at,closed_at\nDoor,2026-01-31T08:00\nDoor,,2026-01-31T08:00,,\n',
      /^line 2: The row has 2 cells, but there are 4 columns\.\nline 3: The row has 5 cells, .*\.$/,
    ],
    ['opening,opened_at,closed_at\nDoor,2026-01-31T08:00\n', /^line 2: The row has 2 cells, but there are 3/],
    ['opening,opened_at,closed_at\n,2026-01-31T10:00,', /line 2, opening/],
    [
      'opening,opened_at,closed_at\nDoor,28/11/2026 6:00,',
      /^line 2, opened_at: .* \(it is "28\/11\/2026 6:00"\): in Excel, format the column as yyyy-mm-dd hh:mm\.$/,
    ],
    [
      'opening,opened_at,closed_at\nDoor,2026-01-31T10:00,2026-01-31T09:00',
      /line 2, closed_at: the value must not be before/,
    ],
  ])('rejects %j', (text, message) => {
    expect(() => parseText(text)).toThrow(message);
  });
});
