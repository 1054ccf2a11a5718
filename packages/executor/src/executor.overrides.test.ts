import { expect, test, vi } from 'vitest';
import { createTestExecutor, executeTestRequest, prepareNow } from './testing/test-executor.js';
import { createTestFederation, type TestFederation } from './testing/test-federation.js';

/** Fields that move from one subgraph to another, each by a label. Values name their subgraph. */
const createMovingFederation = (): TestFederation =>
  createTestFederation({
    old: {
      typeDefs: `
        type Query { door: Door }
        type Door @key(fields: "id") { id: ID! all: String some: String none: String flagged: String }
      `,
      resolvers: {
        Query: { door: () => ({ id: 'd' }) },
        Door: {
          __resolveReference: (door: object) => door,
          all: () => 'old',
          some: () => 'old',
          none: () => 'old',
          flagged: () => 'old',
        },
      },
    },
    fresh: {
      typeDefs: `
        type Door @key(fields: "id") {
          id: ID!
          all: String @override(from: "old", label: "percent(100)")
          some: String @override(from: "old", label: "percent(25)")
          none: String @override(from: "old", label: "percent(0)")
          flagged: String @override(from: "old", label: "moved")
        }
      `,
      resolvers: {
        Door: {
          __resolveReference: (door: object) => door,
          all: () => 'fresh',
          some: () => 'fresh',
          none: () => 'fresh',
          flagged: () => 'fresh',
        },
      },
    },
  });

const QUERY = '{ door { all some none flagged } }';

test.each([
  [0.24, 'fresh'],
  [0.25, 'old'],
])('with the random number %d, percent(25) selects the %s subgraph', async (random, some) => {
  vi.spyOn(Math, 'random').mockReturnValue(random);
  const executor = createTestExecutor(createMovingFederation());
  expect(await executeTestRequest(executor, QUERY)).toEqual({
    data: { door: { all: 'fresh', some, none: 'old', flagged: 'old' } },
  });
});

test('isOverrideActive decides about each label for each request', async () => {
  const active = new Set(['moved']);
  const executor = createTestExecutor(
    createMovingFederation(),
    {},
    {
      isOverrideActive: (label) => (label.startsWith('percent(2') ? undefined : active.has(label)),
    },
  );
  vi.spyOn(Math, 'random').mockReturnValue(0.1);
  expect(await executeTestRequest(executor, QUERY)).toEqual({
    data: { door: { all: 'old', some: 'fresh', none: 'old', flagged: 'fresh' } },
  });
  active.clear();
  expect(await executeTestRequest(executor, QUERY)).toMatchObject({ data: { door: { flagged: 'old' } } });
});

test('an operation has one plan for labels that it does not use', () => {
  const isOverrideActive = vi.fn(() => true);
  const executor = createTestExecutor(createMovingFederation(), {}, { isOverrideActive });
  prepareNow(executor, { query: '{ door { id } }' });
  expect(isOverrideActive).not.toHaveBeenCalled();
});
