import { describe, expect, test } from 'vitest';
import { parseDuration, parseWholeNumber } from './option-values.mjs';

describe('parseDuration', () => {
  test.each([
    ['10s', 10_000],
    ['500ms', 500],
    ['1.5m', 90_000],
    ['1h', 3_600_000],
  ])('parses %s', (text, ms) => {
    expect(parseDuration('--every', text)).toBe(ms);
  });

  test.each(['', '10', '10 s', '-1s', '0s', '0.1ms', '1000h', 'soon'])(
    'rejects "%s" and names the option',
    (text) => {
      expect(() => parseDuration('--every', text)).toThrow(/^--every must be a duration/);
    },
  );
});

describe('parseWholeNumber', () => {
  const RANGE = { min: 1, max: 100 };

  test('accepts the ends of the range', () => {
    expect(['1', '100'].map((text) => parseWholeNumber('--count', text, RANGE))).toEqual([1, 100]);
  });

  test.each(['0', '101', '-5', '1.5', '1e1', '', 'x'])(
    'rejects "%s" and names the option and the range',
    (text) => {
      expect(() => parseWholeNumber('--count', text, RANGE)).toThrow(
        /^--count must be a whole number from 1 to 100/,
      );
    },
  );
});
