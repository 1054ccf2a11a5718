import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { createLocalPlanner } from '../testing/test-executor.js';
import { createTestFederation } from '../testing/test-federation.js';
import type { PlanNode } from './query-planner.js';

const { supergraphSdl } = createTestFederation({
  orders: {
    typeDefs: `
      type Query { order: Order }
      type Mutation { place: Order cancel: Order }
      type Order @key(fields: "id") { id: ID! }`,
  },
  stock: { typeDefs: 'type Order @key(fields: "id") { id: ID! left: Int }' },
});
const queryPlanner = createLocalPlanner(supergraphSdl);

function planStages(query: string): readonly PlanNode[] {
  const document = parse(query);
  const input = { document, query, operationName: undefined, conditionValues: {} };
  const plan = queryPlanner.planOperation(input, {});
  if ('addCaller' in plan) throw new Error('A local planner plans at once.');
  return plan.stages;
}

const listServices = (query: string): string[] =>
  [...JSON.stringify(planStages(query)).matchAll(/"serviceName":"(\w+)"/g)].map(([, name = '']) => name);

test('each root field is complete before the next one begins', () => {
  expect(listServices('mutation { place { left } cancel { id } }')).toEqual(['orders', 'stock', 'orders']);
  expect(listServices('mutation { ...F cancel { left } } fragment F on Mutation { place { left } }')).toEqual(
    ['orders', 'stock', 'orders', 'stock'],
  );
});

test('fields with the same response key are planned together', () => {
  expect(listServices('mutation { place { left } place { id } }')).toEqual(['orders', 'stock']);
});

test('each root field has its own stage', () => {
  const fieldStage = { kind: 'Sequence', nodes: [{ kind: 'Fetch' }, { kind: 'Flatten' }] };
  expect(planStages('mutation { place { left } }')).toMatchObject([fieldStage]);
  expect(planStages('mutation { place { left } cancel { left } }')).toMatchObject([fieldStage, fieldStage]);
});

test('fields that one subgraph answers completely are one fetch', () => {
  expect(listServices('mutation { place { id } cancel { id } }')).toEqual(['orders']);
});

test('a mutation that needs no subgraph has no stages', () => {
  expect(listServices('mutation { __typename }')).toEqual([]);
});
