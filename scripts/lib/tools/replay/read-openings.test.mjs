import { expect, test } from 'vitest';
import { readOpenings } from './read-openings.mjs';

const bytes = (/** @type {string} */ text) => Buffer.from(text);
const ZONE = 'Europe/Madrid';

test('each row is an opening and a closing, in the order in which both are known', () => {
  const text = `opening,place,opened_at,closed_at
Door,Hall,2026-01-31T10:00:00,2026-01-31T10:05:00
Safe,,2026-01-31T10:01:00,
`;
  expect(readOpenings(bytes(text), ZONE)).toMatchObject([
    { opening: 'Safe', state: 'OPEN', at: '2026-01-31T09:01:00.000Z' },
    { opening: 'Door', state: 'OPEN', at: '2026-01-31T09:00:00.000Z' },
    { opening: 'Door', state: 'CLOSED', at: '2026-01-31T09:05:00.000Z' },
  ]);
});

test('ids are of what a reading says, whatever else is in the file', () => {
  const row = 'Door,2026-01-31T10:00:00,2026-01-31T10:05:00';
  const [first] = readOpenings(bytes(`opening,opened_at,closed_at\n${row}\n`), ZONE);
  const [, again] = readOpenings(
    bytes(`opening,opened_at,closed_at\nSafe,2025-01-01T00:00,\n${row}\n`),
    ZONE,
  );
  expect(again).toStrictEqual(first);
  const ids = readOpenings(bytes(`opening,opened_at,closed_at\n${row}\n`), ZONE).map(({ id }) => id);
  expect(new Set(ids).size).toBe(2);
});

test.each([
  ['opening,opened_at\nDoor,2026-01-31T10:00:00', /missing columns: closed_at/],
  ['opening,opened_at,closed_at,colour\n', /unknown columns: "colour"/],
  ['opening,opened_at,closed_at\n,2026-01-31T10:00,', /line 2, opening/],
  ['opening,opened_at,closed_at\nDoor,soon,', /line 2, opened_at: .*"soon"/],
  [
    'opening,opened_at,closed_at\nDoor,2026-01-31T10:00,2026-01-31T09:00',
    /line 2, closed_at: it lies before/,
  ],
])('%j is refused', (text, message) => {
  expect(() => readOpenings(bytes(text), ZONE)).toThrow(message);
});
