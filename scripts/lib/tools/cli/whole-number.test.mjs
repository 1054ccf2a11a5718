import { expect, test } from 'vitest';
import { parseWholeNumber } from './whole-number.mjs';

const RANGE = { min: 1, max: 100 };

test('takes what is in the range, its ends included', () => {
  expect(['1', '100'].map((text) => parseWholeNumber('--count', text, RANGE))).toEqual([1, 100]);
});

test.each(['0', '101', '-5', '1.5', '1e1', '', 'x'])(
  'refuses "%s", naming the option and the range',
  (text) => {
    expect(() => parseWholeNumber('--count', text, RANGE)).toThrow(
      /^--count must be a whole number from 1 to 100/,
    );
  },
);
