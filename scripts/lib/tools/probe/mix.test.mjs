import { expect, test } from 'vitest';
import { KINDS } from './kinds.mjs';
import { mix } from './mix.mjs';
import { createRandom } from './random.mjs';

/** @param {number} seed @param {number} count */
const mixOf = (seed, count) => mix(count, { random: createRandom(seed), userId: 'probe-x', from: 1 });

test('the same seed gives the same mix, another another', () => {
  expect(mixOf(7, 50)).toEqual(mixOf(7, 50));
  expect(mixOf(7, 50)).not.toEqual(mixOf(8, 50));
});

test('every kind comes as often as its weight says, about', () => {
  const probes = mixOf(1, 10_000);
  const weights = KINDS.reduce((sum, { weight }) => sum + weight, 0);
  for (const kind of KINDS) {
    const share = probes.filter((probe) => probe.kind === kind).length / probes.length;
    expect(share).toBeCloseTo(kind.weight / weights, 1);
  }
});

test('no two rules have the same name', () => {
  expect(new Set(mixOf(3, 500).map(({ input }) => input['name'])).size).toBe(500);
});
