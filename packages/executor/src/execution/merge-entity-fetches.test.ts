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

test('the fetch that requires less comes first, whichever is given first', () => {
  const less = createFetch('...on Film{seats}', ['id']);
  const more = createFetch('...on Film{price}', ['id', 'minutes']);
  for (const merged of [merge(less, more), merge(more, less)]) {
    expect(merged?.operation).toContain('...on Film{seats price}');
    expect(merged?.requires).toEqual(more.requires);
  }
});

test('a field that a fetch could not compute alone is not merged with one for which it is', () => {
  const less = createFetch('...on Film{price}', ['id']);
  const more = createFetch('...on Film{seats price}', ['id', 'minutes']);
  expect(merge(less, more)).toBeUndefined();
  expect(merge(more, less)).toBeUndefined();
});

test('__typename, which both select, can be fetched for each', () => {
  const less = createFetch('...on Film{__typename seats}', ['id']);
  const more = createFetch('...on Film{__typename price}', ['id', 'minutes']);
  expect(merge(less, more)?.operation).toContain('...on Film{__typename seats price}');
});

test('fragments on different types, and those with directives, stay apart', () => {
  const requires = [createRequiredFields('Film', ['id'])];
  const one = createFetch('...on Film{seats}...on Play@skip(if:false){a}', [], { requires });
  const other = createFetch('...on Play@skip(if:false){b}...on Show{c}...on Film{d}', [], { requires });
  expect(merge(one, other)?.operation).toContain(
    '{...on Film{seats d}...on Play@skip(if:false){a}...on Play@skip(if:false){b}...on Show{c}}',
  );
});

test('variables that both use are listed once', () => {
  const variables = '$in:Int';
  const one = createFetch('...on Film{seats(in:$in)}', ['id'], { variables, variableUsages: ['in'] });
  const other = createFetch('...on Film{rows(in:$in)}', ['id'], { variables, variableUsages: ['in'] });
  expect(merge(one, other)?.variableUsages).toEqual(['in']);
  expect(merge(one, other)?.operation).toMatch(/^query\(\$representations:\[_Any!\]!\$in:Int\)/);
});

test('required fields are compared with their aliases, subfields and types', () => {
  const require = (...selections: RequiredSelection[]) =>
    createFetch('...on Film{seats}', [], {
      requires: [{ kind: 'InlineFragment', typeCondition: 'Film', selections }],
    });
  const id: RequiredSelection = { kind: 'Field', name: 'id' };
  const alias: RequiredSelection = { kind: 'Field', name: 'id', alias: 'key' };
  const size = (...names: string[]): RequiredSelection => ({
    kind: 'Field',
    name: 'size',
    selections: names.map((name) => ({ kind: 'Field', name })),
  });
  expect(merge(require(alias), require(alias))).toBeDefined();
  expect(merge(require(size('width')), require(size('width')))).toBeDefined();
  for (const [one, other] of [
    [require(id), require(alias)],
    [require(size('width')), require(size('height'))],
    [require(id), require({ kind: 'InlineFragment', typeCondition: 'Film', selections: [id] })],
    [require({ kind: 'InlineFragment', typeCondition: 'Film', selections: [id] }), require(id)],
  ] as const)
    expect(merge(one, other)).toBeUndefined();
});

test.each(['inputRewrites', 'outputRewrites', 'contextRewrites'] as const)(
  'a fetch with %s is not merged with another one, in either order',
  (kind) => {
    const plain = createFetch('...on Film{seats}', ['id']);
    const rewrites = [{ kind: 'KeyRenamer' as const, path: ['a'], renameKeyTo: 'b' }];
    const other = createFetch('...on Film{rows}', ['id'], { [kind]: rewrites });
    expect(merge(plain, other)).toBeUndefined();
    expect(merge(other, plain)).toBeUndefined();
  },
);

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
