import { describe, expect, test } from 'vitest';
import { parseJson, stringifyJson, TooManyLargeIntegersError } from './exact-json.js';

describe('parseJson', () => {
  test.each([
    ['an integer beyond 2^53', '9007199254740993', 9007199254740993n],
    ['a negative one', '-9007199254740993', -9007199254740993n],
    [
      'one in a list and an object',
      '{"a":[1,{"b":12345678901234567890}]}',
      { a: [1, { b: 12345678901234567890n }] },
    ],
    ['one of 1,000 digits', '1'.repeat(1_000), BigInt('1'.repeat(1_000))],
    ['one after a string with an escaped quote', '["\\\\\\"", 9007199254740993]', ['\\"', 9007199254740993n]],
    ['a safe integer of 16 digits', '9007199254740991', 9007199254740991],
    [
      'a decimal number',
      '[1.2345678901234567890, 12345678901234567.5]',
      [Number('1.2345678901234567'), Number('12345678901234567.5')],
    ],
    ['an exponent', '[12345678901234567e2, 1e-1234567890123456789]', [Number('1234567890123456700'), 0]],
    [
      'digits in a string',
      '{"12345678901234567890":"12345678901234567890,9007199254740993"}',
      {
        '12345678901234567890': '12345678901234567890,9007199254740993',
      },
    ],
    ['one of more than 1,000 digits', '1'.repeat(1_001), Infinity],
  ])('reads %s', (_, text, value) => {
    expect(parseJson(text)).toStrictEqual(value);
  });

  test('finds an integer at any place', () => {
    for (let offset = 0; offset < 40; offset += 1) {
      const text = `${' '.repeat(offset)}9007199254740993${' '.repeat(offset % 3)}`;
      expect(parseJson(text)).toBe(9007199254740993n);
      expect(parseJson(`${' '.repeat(offset)}900719925474099`)).toBe(900719925474099);
    }
  });

  test('reads a limited number of them', () => {
    expect(parseJson('[9007199254740993,9007199254740993]', 2)).toHaveLength(2);
    expect(() => parseJson('[9007199254740993,9007199254740993]', 1)).toThrow(TooManyLargeIntegersError);
  });

  test('keeps a key __proto__ as an own property', () => {
    const value = parseJson('{"__proto__":{"a":9007199254740993}}') as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.entries(value)).toStrictEqual([['__proto__', { a: 9007199254740993n }]]);
  });

  test.each([
    '{12345678901234567890:1}',
    '[0123456789012345678]',
    '[1234567890123456 1]',
    '"1234567890123456',
    '--9007199254740993',
  ])('rejects %s like JSON.parse', (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });
});

describe('stringifyJson', () => {
  test('writes a bigint as an integer', () => {
    const value = { a: [9007199254740993n, -12345678901234567890n], b: '9007199254740993', c: 1 };
    expect(stringifyJson(value)).toBe(
      '{"a":[9007199254740993,-12345678901234567890],"b":"9007199254740993","c":1}',
    );
  });

  test('rejects a circular value', () => {
    const value: Record<string, unknown> = { big: 9007199254740993n };
    value['self'] = value;
    expect(() => stringifyJson(value)).toThrow(TypeError);
  });
});
