import type { FetchNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import { OperationTypeNode } from 'graphql';
import { expect, test } from 'vitest';
import { loadSupergraph } from '../supergraph/load-supergraph.js';
import { createTestFederation } from '../testing/test-federation.js';
import { splitFetch } from './split-entity-fetch.js';

const { supergraphSdl } = createTestFederation({
  goods: {
    typeDefs: `
      type Query { good: Good }
      type Good @key(fields: "id") @key(fields: "code") { id: ID! code: String! name: String weight: Int size: Size }
      type Size { width: Int }
    `,
  },
  freight: {
    typeDefs: `
      type Good @key(fields: "code") {
        code: String! name: String @external weight: Int @external size: Size @external
        load(of: Int): Int
        price(in: String): Int @requires(fields: "weight")
        tax(in: String): Int @requires(fields: "weight")
        label: String @requires(fields: "name")
        box: String @requires(fields: "size { width }")
      }
      type Size { width: Int @external }
    `,
  },
});
const view = loadSupergraph(supergraphSdl, {}).views.get('freight');

const field = (name: string, ...selections: QueryPlanSelectionNode[]): QueryPlanSelectionNode => ({
  kind: 'Field',
  name,
  ...(selections.length > 0 && { selections }),
});

/** A fetch of goods that requires of each what is named. */
const fetchOf = (
  selection: string,
  required: readonly QueryPlanSelectionNode[],
  variables = '',
): FetchNode => ({
  kind: 'Fetch',
  serviceName: 'freight',
  requires: [
    { kind: 'InlineFragment', typeCondition: 'Good', selections: [field('__typename'), ...required] },
  ],
  variableUsages: [...variables.matchAll(/\$(\w+)/g)].map(([, name = '']) => name),
  operation:
    `query ($representations: [_Any!]!${variables}) ` +
    `{ _entities(representations: $representations) { ... on Good { ${selection} } } }`,
  operationName: undefined,
  operationKind: OperationTypeNode.QUERY,
});

const textOf = (nodes: readonly QueryPlanSelectionNode[] = []): string =>
  nodes
    .map((node) => {
      const name = node.kind === 'Field' ? node.name : `...${node.typeCondition ?? ''}`;
      return node.selections ? `${name}{${textOf(node.selections)}}` : name;
    })
    .join(' ');

const partsOf = (fetch: FetchNode) =>
  (view ? splitFetch(fetch, view) : []).map(({ operation, requires, variableUsages }) => ({
    selection: /\.\.\.on Good\{(.*)\}\}\}$/.exec(operation)?.[1],
    variables: /^query\((.*?)\)/.exec(operation)?.[1],
    requires: textOf(requires),
    variableUsages,
  }));

test('each part has the fields that require the same, what these require and the key', () => {
  const required = ['code', 'name', 'weight'].map((name) => field(name));
  const parts = partsOf(fetchOf('load price tax label box', [...required, field('size', field('width'))]));
  expect(parts.map(({ selection, requires }) => [selection, requires])).toEqual([
    ['load', '...Good{__typename code}'],
    ['price tax', '...Good{__typename code weight}'],
    ['label', '...Good{__typename code name}'],
    ['box', '...Good{__typename code size{width}}'],
  ]);
});

test('each part has the variables that it uses', () => {
  const fetch = fetchOf(
    'load(of: $of) price(in: $in)',
    [field('code'), field('weight')],
    ' $of: Int $in: String',
  );
  expect(partsOf(fetch)).toMatchObject([
    { variables: '$representations:[_Any!]!$of:Int', variableUsages: ['of'] },
    { variables: '$representations:[_Any!]!$in:String', variableUsages: ['in'] },
  ]);
});

test('fields that all require the same are one', () => {
  expect(partsOf(fetchOf('__typename price tax', [field('code'), field('weight')]))).toEqual([]);
});

test('what the fetch itself does not require, its subgraph has', () => {
  expect(partsOf(fetchOf('load price', [field('code')]))).toEqual([]);
});
