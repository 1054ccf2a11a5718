import { expect, test } from 'vitest';
import { formatMs, parseDuration } from './duration.mjs';

test.each([
  ['10s', 10_000],
  ['500ms', 500],
  ['1.5m', 90_000],
  ['1h', 3_600_000],
])('reads %s', (text, ms) => {
  expect(parseDuration('--every', text)).toBe(ms);
});

test.each(['', '10', '10 s', '-1s', '0s', '0.1ms', '1000h', 'soon'])(
  'refuses "%s", naming the option',
  (text) => {
    expect(() => parseDuration('--every', text)).toThrow(/^--every must be a time/);
  },
);

test('milliseconds are written to a tenth where that says something', () => {
  expect([3.21, 99.96, 1204.4].map(formatMs)).toEqual(['3.2 ms', '100.0 ms', '1,204 ms']);
});
