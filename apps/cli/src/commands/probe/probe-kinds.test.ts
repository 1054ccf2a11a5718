import { expect, test } from 'vitest';
import { createSeededRandom } from '../../shared/seeded-random.js';
import { createProbes, PROBE_KINDS } from './probe-kinds.js';

const createSeededProbes = (seed: number, count: number) =>
  createProbes(count, { random: createSeededRandom(seed), userId: 'probe-x', firstNumber: 1 });

test('the same seed creates the same probes, and another seed others', () => {
  expect(createSeededProbes(7, 50)).toEqual(createSeededProbes(7, 50));
  expect(createSeededProbes(7, 50)).not.toEqual(createSeededProbes(8, 50));
});

test('the share of each kind is about its share of the weights', () => {
  const probes = createSeededProbes(1, 10_000);
  const weights = PROBE_KINDS.reduce((sum, { weight }) => sum + weight, 0);
  for (const kind of PROBE_KINDS) {
    const share = probes.filter((probe) => probe.kind === kind).length / probes.length;
    expect(share).toBeCloseTo(kind.weight / weights, 1);
  }
});

test('rule names are unique', () => {
  expect(new Set(createSeededProbes(3, 500).map(({ input }) => input.name)).size).toBe(500);
});
