import { expect, test } from 'vitest';
import { cloneJson } from './json.js';

test('cloneJson copies every key, including __proto__, and shares no object with the original', () => {
  const text = '{"a":[{"b":null},1],"__proto__":{"c":"d"}}';
  const original = JSON.parse(text) as { a: unknown[] };
  const copy = cloneJson(original);
  expect(JSON.stringify(copy)).toBe(text);
  expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  expect(copy.a[0]).not.toBe(original.a[0]);
});
