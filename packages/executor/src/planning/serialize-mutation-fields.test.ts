import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import { QueryPlanner, serializeQueryPlan, type QueryPlan } from '@apollo/query-planner';
import { getOperationAST, parse, type DocumentNode } from 'graphql';
import { expect, test } from 'vitest';
import { createTestFederation } from '../testing/test-federation.js';
import { planOneByOne } from './serialize-mutation-fields.js';

const { supergraphSdl } = createTestFederation({
  orders: {
    typeDefs: `
      type Query { order: Order }
      type Mutation { place: Order cancel: Order }
      type Order @key(fields: "id") { id: ID! }`,
  },
  stock: { typeDefs: 'type Order @key(fields: "id") { id: ID! left: Int }' },
});
const supergraph = Supergraph.build(supergraphSdl);
const planner = new QueryPlanner(supergraph);

function planOf(query: string): QueryPlan {
  const document = parse(query);
  return planOneByOne(document, getOperationAST(document)!, (each: DocumentNode) =>
    planner.buildQueryPlan(operationFromDocument(supergraph.apiSchema(), each)),
  );
}

function servicesOf(query: string): string[] {
  return [...serializeQueryPlan(planOf(query)).matchAll(/service: "(\w+)"/g)].map(([, name = '']) => name);
}

test('a field is answered in full before the next one begins', () => {
  expect(servicesOf('mutation { place { left } cancel { id } }')).toEqual(['orders', 'stock', 'orders']);
  expect(servicesOf('mutation { ...F cancel { left } } fragment F on Mutation { place { left } }')).toEqual([
    'orders',
    'stock',
    'orders',
    'stock',
  ]);
});

test('fields of the same key are one', () => {
  expect(servicesOf('mutation { place { left } place { id } }')).toEqual(['orders', 'stock']);
});

test('the plan of each field is one part of the whole', () => {
  const ofOne = { kind: 'Sequence', nodes: [{ kind: 'Fetch' }, { kind: 'Flatten' }] };
  expect(planOf('mutation { place { left } }').node).toMatchObject({ kind: 'Sequence', nodes: [ofOne] });
  expect(planOf('mutation { place { left } cancel { left } }').node).toMatchObject({ nodes: [ofOne, ofOne] });
});

test('fields of one subgraph that nothing else knows of are sent at once', () => {
  expect(servicesOf('mutation { place { id } cancel { id } }')).toEqual(['orders']);
});

test('what needs no subgraph has no plan', () => {
  expect(servicesOf('mutation { __typename }')).toEqual([]);
});
