import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { parseSupergraph } from '../supergraph/supergraph-document.js';
import { createTestFederation } from '../testing/test-federation.js';
import { createApolloQueryPlanner } from './apollo-query-planner.js';
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
const queryPlanner = createApolloQueryPlanner({
  supergraph: parseSupergraph(supergraphSdl),
  eventSources: {},
  maxEvaluatedPlans: 100,
});

const planStages = (query: string): readonly PlanNode[] =>
  queryPlanner.planOperation({ document: parse(query), operationName: undefined, conditionValues: {} })
    .stages;

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
