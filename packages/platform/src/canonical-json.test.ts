import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toCanonicalJson } from './canonical-json.js';

test('sorts the fields of nested objects and keeps the order of lists', () => {
  const value = { b: [{ d: 1, c: 'é"\n' }, 2], a: { Z: null, a: true }, skipped: undefined };
  expect(toCanonicalJson(value)).toBe('{"a":{"Z":null,"a":true},"b":[{"c":"é\\"\\n","d":1},2]}');
});

test('is JSON of an equal value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(toCanonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
