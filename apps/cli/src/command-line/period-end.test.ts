import { expect, test } from 'vitest';
import { parsePeriodEnd } from './period-end.js';

const NOW = Date.parse('2026-01-31T10:00:00.000Z');

test.each([
  ['90s', '2026-01-31T10:01:30.000Z'],
  ['45m', '2026-01-31T10:45:00.000Z'],
  ['1.5h', '2026-01-31T11:30:00.000Z'],
  ['3d', '2026-02-03T10:00:00.000Z'],
])('converts %s to a time', (text, time) => {
  expect(parsePeriodEnd(text, NOW)).toBe(time);
});

test.each([undefined, '2026-01-31T08:00:00-05:00', 'soon', '5', '-5m', ''])(
  'returns %s unchanged',
  (text) => {
    expect(parsePeriodEnd(text, NOW)).toBe(text);
  },
);
