import { expect, test } from 'vitest';
import { createLruCache } from './lru-cache.js';

test('a full map forgets what was used longest ago', () => {
  const map = createLruCache<number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.get('a');
  map.set('c', 3);
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, undefined, 3]);
  expect(map.size).toBe(2);
});

test('setting a key again keeps the others', () => {
  const map = createLruCache<number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.set('a', 3);
  expect([map.get('a'), map.get('b')]).toEqual([3, 2]);
});
