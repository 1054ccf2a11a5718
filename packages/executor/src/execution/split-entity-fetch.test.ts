import { OperationTypeNode } from 'graphql';
import { expect, test } from 'vitest';
import { createSubgraphView } from '../supergraph/subgraph-view.js';
import { parseSupergraph } from '../supergraph/supergraph-document.js';
import { createTestFederation } from '../testing/test-federation.js';
import type { FetchNode, RequiredSelection } from '../planning/query-planner.js';
import { splitEntityFetch } from './split-entity-fetch.js';

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
const view = createSubgraphView(parseSupergraph(supergraphSdl), 'FREIGHT');

const field = (name: string, ...selections: RequiredSelection[]): RequiredSelection => ({
  kind: 'Field',
  name,
  ...(selections.length > 0 && { selections }),
});

/** Creates a fetch of entities of type Good. */
const createFetch = (
  selection: string,
  required: readonly RequiredSelection[],
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
  inputRewrites: [],
  outputRewrites: [],
  contextRewrites: [],
});

const printRequires = (nodes: readonly RequiredSelection[] = []): string =>
  nodes
    .map((node) => {
      const name = node.kind === 'Field' ? node.name : `...${node.typeCondition ?? ''}`;
      return node.selections ? `${name}{${printRequires(node.selections)}}` : name;
    })
    .join(' ');

const split = (fetch: FetchNode) =>
  splitEntityFetch(fetch, view).map(({ operation, requires, variableUsages }) => ({
    selection: /\.\.\.on Good\{(.*)\}\}\}$/.exec(operation)?.[1],
    variables: /^query\((.*?)\)/.exec(operation)?.[1],
    requires: printRequires(requires),
    variableUsages,
  }));

test('each part has the fields with equal requirements, these requirements and the key', () => {
  const required = ['code', 'name', 'weight'].map((name) => field(name));
  const parts = split(createFetch('load price tax label box', [...required, field('size', field('width'))]));
  expect(parts.map(({ selection, requires }) => [selection, requires])).toEqual([
    ['load', '...Good{__typename code}'],
    ['price tax', '...Good{__typename code weight}'],
    ['label', '...Good{__typename code name}'],
    ['box', '...Good{__typename code size{width}}'],
  ]);
});

test('each part has only the variables that it uses', () => {
  const fetch = createFetch(
    'load(of: $of) price(in: $in)',
    [field('code'), field('weight')],
    ' $of: Int $in: String',
  );
  expect(split(fetch)).toMatchObject([
    { variables: '$representations:[_Any!]!$of:Int', variableUsages: ['of'] },
    { variables: '$representations:[_Any!]!$in:String', variableUsages: ['in'] },
  ]);
});

test('a fetch whose fields all require the same is not split', () => {
  expect(split(createFetch('__typename price tax', [field('code'), field('weight')]))).toEqual([]);
});

test('fields in fragments count, also under a type condition', () => {
  const fetch = createFetch('... on Good { load } ... { label }', [field('code'), field('name')]);
  expect(split(fetch).map(({ requires }) => requires)).toEqual([
    '...Good{__typename code}',
    '...Good{__typename code name}',
  ]);
});

test('a required field counts under its alias', () => {
  const alias: RequiredSelection = { kind: 'Field', name: 'weight', alias: 'weight_1' };
  expect(split(createFetch('load price', [field('code'), alias]))).toEqual([]);
  const named: RequiredSelection = { kind: 'Field', name: 'grams', alias: 'weight' };
  expect(split(createFetch('load price', [field('code'), named])).map(({ requires }) => requires)).toEqual([
    '...Good{__typename code}',
    '...Good{__typename code grams}',
  ]);
});

test('a fetch of no entities is not split', () => {
  expect(split({ ...createFetch('load price', [field('weight')]), requires: undefined })).toEqual([]);
  expect(
    split({ ...createFetch('load price', [field('weight')]), operation: 'query { ... { load price } }' }),
  ).toEqual([]);
});

test('required fields that the fetch does not require are ignored', () => {
  expect(split(createFetch('load price', [field('code')]))).toEqual([]);
});
