import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { booleanOption, durationOption, parseOptions, wholeNumberOption } from './option-values.js';

describe('durationOption', () => {
  const schema = z.object({ every: durationOption() });
  test.each([
    ['10s', 10_000],
    ['500ms', 500],
    ['1.5m', 90_000],
    ['1h', 3_600_000],
  ])('parses %s', (every, ms) => {
    expect(parseOptions(schema, { every })).toEqual({ every: ms });
  });

  test.each(['', '10', '10 s', '-1s', '0s', '0.1ms', '1000h', 'soon'])(
    'rejects "%s" and names the option',
    (every) => {
      expect(() => parseOptions(schema, { every })).toThrow(/^--every must be a duration/);
    },
  );
});

describe('wholeNumberOption', () => {
  const schema = z.object({ count: wholeNumberOption({ min: 1, max: 100 }) });

  test('accepts the ends of the range', () => {
    expect(['1', '100'].map((count) => parseOptions(schema, { count }).count)).toEqual([1, 100]);
  });

  test.each(['0', '101', '-5', '1.5', '1e1', '', 'x'])(
    'rejects "%s" and names the option and the range',
    (count) => {
      expect(() => parseOptions(schema, { count })).toThrow(
        /^--count must be a whole number from 1 to 100 \(it is/,
      );
    },
  );
});

test('every invalid option has its line, with the name that the user writes', () => {
  const schema = z.object({ effectiveFrom: durationOption(), acknowledged: booleanOption() });
  expect(() =>
    parseOptions(schema, { _: ['import'], effectiveFrom: 'x', acknowledged: 'yes', other: 1 }),
  ).toThrow(
    '--effective-from must be a duration like 10s, 500ms or 2m (it is "x").\n' +
      '--acknowledged must be true or false (it is "yes"). See npm run import -- --help.',
  );
});
