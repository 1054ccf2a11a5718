import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import { QueryPlanner, serializeQueryPlan } from '@apollo/query-planner';
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { federate } from '../../testing/federation.js';
import { keepTypenames } from './keep-typenames.js';

const { supergraphSdl } = federate({
  media: {
    typeDefs: `
      type Query { book: Book }
      interface Media @key(fields: "id") { id: ID! }
      type Book implements Media @key(fields: "id") { id: ID! }`,
  },
  reviews: {
    typeDefs: `
      type Media @interfaceObject @key(fields: "id") { id: ID! stars: Int similar: [Media] }`,
  },
});
const supergraph = Supergraph.build(supergraphSdl);
const planner = new QueryPlanner(supergraph, { reuseQueryFragments: false });
const planOf = (query: string) =>
  planner.buildQueryPlan(operationFromDocument(supergraph.apiSchema(), parse(query)));
const fetched = (plan: ReturnType<typeof planOf>) =>
  [...JSON.stringify(plan).matchAll(/"operation":"([^"]*)"/g)].map(([, text]) => text);

test('an entity’s type is not asked of a subgraph that knows its interface only', () => {
  const plan = planOf('{ book { stars __typename } }');
  expect(fetched(plan)[1]).toContain('{...on Media{__typename stars}}');
  const kept = keepTypenames(plan);
  expect(fetched(kept)[1]).not.toContain('__typename');
  expect(serializeQueryPlan(kept)).toContain('stars');
});

test('what it refers to, and other fetches, keep theirs', () => {
  const plan = planOf('{ book { similar { __typename stars } } }');
  const before = fetched(plan);
  expect(fetched(keepTypenames(plan))).toHaveLength(before.length);
  expect(fetched(keepTypenames(plan))[1]).toMatch(/similar ?\{ ?__typename/);
  const own = planOf('{ book { id __typename } }');
  expect(keepTypenames(own)).toEqual(own);
});
