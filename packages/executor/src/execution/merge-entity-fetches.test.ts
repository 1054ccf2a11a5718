import { OperationTypeNode } from 'graphql';
import { expect, test } from 'vitest';
import type { FetchNode, RequiredSelection } from '../planning/query-planner.js';
import type { SubgraphField, SubgraphView } from '../supergraph/subgraph-view.js';
import { mergeEntityFetches } from './merge-entity-fetches.js';

const createField = (requires?: string): SubgraphField => ({
  typeName: 'Int',
  hasArguments: false,
  requires,
});

const FIELDS: ReadonlyMap<string, SubgraphField> = new Map([
  ['seats', createField()],
  ['price', createField('minutes')],
]);

/** The subgraph has two keys of `Film`, and `price` requires `minutes`. */
const view: SubgraphView = {
  getFields: () => FIELDS,
  getObjectTypes: () => ['Film'],
  getInterfaces: () => [],
  isInterfaceObject: () => false,
  getKeys: () => ['id', 'code'],
};

const merge = (one: FetchNode, other: FetchNode) => mergeEntityFetches(one, other, view);

const createFetch = (
  entitySelection: string,
  required: readonly string[],
  { variables = '', ...others }: Partial<FetchNode> & { readonly variables?: string } = {},
): FetchNode => ({
  kind: 'Fetch',
  serviceName: 'halls',
  operationKind: OperationTypeNode.QUERY,
  operation: `query($representations:[_Any!]!${variables}){_entities(representations:$representations){${entitySelection}}}`,
  operationName: undefined,
  variableUsages: [],
  requires: [createRequiredFields('Film', required)],
  inputRewrites: [],
  outputRewrites: [],
  contextRewrites: [],
  ...others,
});

const createRequiredFields = (typeCondition: string, names: readonly string[]): RequiredSelection => ({
  kind: 'InlineFragment',
  typeCondition,
  selections: names.map((name) => ({ kind: 'Field', name })),
});

test('fields of one type are selected in one fragment, and what both require once', () => {
  const seats = createFetch('...on Film{seats}', ['__typename', 'id']);
  const price = createFetch('...on Film{seats price(in:$currency)}', ['__typename', 'minutes', 'id'], {
    variables: '$currency:Currency',
    variableUsages: ['currency'],
  });
  expect(merge(seats, price)).toEqual(
    createFetch('...on Film{seats price(in:$currency)}', ['__typename', 'minutes', 'id'], {
      variables: '$currency:Currency',
      variableUsages: ['currency'],
    }),
  );
});

test('fetches that require the same are merged without regard to @requires', () => {
  const one = createFetch('...on Film{price}', ['id', 'minutes']);
  const other = createFetch('...on Film{seats}', ['minutes', 'id']);
  expect(merge(one, other)?.operation).toContain('...on Film{price seats}');
});

test.each<[string, FetchNode]>([
  ['with another field under one response key', createFetch('...on Play{seats:rows}', ['id'])],
  ['with other arguments under one response key', createFetch('...on Film{seats(free:true)}', ['id'])],
  [
    'with another definition of a variable',
    createFetch('...on Film{a(b:$b)}', ['id'], { variables: '$b:ID' }),
  ],
  [
    'with rewrites',
    createFetch('...on Film{a}', ['id'], {
      outputRewrites: [{ kind: 'KeyRenamer', path: ['a'], renameKeyTo: 'b' }],
    }),
  ],
  ['by another key', createFetch('...on Film{a}', ['code'])],
  ['by one more key', createFetch('...on Film{a}', ['id', 'code'])],
  ['of another type', createFetch('...on Play{a}', [], { requires: [createRequiredFields('Play', ['id'])] })],
  ['for no entities', createFetch('...on Film{a}', ['id'], { requires: undefined })],
])('a fetch %s is not merged', (_, other) => {
  const fetch = createFetch('...on Film{seats c(b:$b)}', ['id'], {
    variables: '$b:Int',
    variableUsages: ['b'],
  });
  expect(merge(fetch, other)).toBeUndefined();
});
