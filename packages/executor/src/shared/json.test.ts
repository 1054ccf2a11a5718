import { expect, test } from 'vitest';
import { copyOf } from './json.js';

test('a copy holds the same, whatever it is called, and shares nothing', () => {
  const text = '{"a":[{"b":null},1],"__proto__":{"c":"d"}}';
  const original = JSON.parse(text) as { a: unknown[] };
  const copy = copyOf(original);
  expect(JSON.stringify(copy)).toBe(text);
  expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  expect(copy.a[0]).not.toBe(original.a[0]);
});
