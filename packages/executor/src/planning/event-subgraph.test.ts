import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import { QueryPlanner, type FetchNode, type PlanNode, type SubscriptionNode } from '@apollo/query-planner';
import {
  isSpecifiedScalarType,
  parse,
  print,
  printSchema,
  printType,
  validateSchema,
  type FieldNode,
  type OperationDefinitionNode,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { parseSupergraph } from '../supergraph/supergraph-document.js';
import { createTestFederation } from '../testing/test-federation.js';
import { addEventSubgraph } from './event-subgraph.js';

const { supergraphSdl } = createTestFederation({
  shop: {
    typeDefs: `
      enum Status { OPEN CLOSED }
      enum Channel { WEB PHONE }
      input OrderFilter { status: Status = OPEN, nested: OrderFilter, by: Channel }
      scalar Money
      interface Item { id: ID! price: Money }
      type Book implements Item @key(fields: "id") { id: ID! price: Money pages: Int }
      type Disc implements Item @key(fields: "id") { id: ID! price: Money minutes: Int }
      type Note { text: String! }
      type Letter { text: String!, size: Int }
      type Gift { from: String! }
      union Extra = Note | Gift
      type Address { city: String!, label(language: String): String }
      type Order @key(fields: "id") @key(fields: "shelf { row place } number") {
        id: ID! number: Int! status: Status! items: [Item!]! extra: Extra ship: Address
        total(currency: String): Money shelf: Shelf! replaces: Order secret: Int @inaccessible
      }
      type Shelf @shareable { row: Int! place: Int! }
      type Query { order(id: ID!): Order }
      type Subscription {
        orderChanged(filter: OrderFilter): Order
        orderPlaced: Order!
        extraAdded: Extra
        ticked(every: Int = 1): Int!
        ruleless: Letter
      }
    `,
  },
  stock: {
    typeDefs: `
      type Order @key(fields: "id") { id: ID! status: Status! @external weight: Int! @requires(fields: "status") left: [Int!] }
      enum Status { OPEN CLOSED }
      type Book @key(fields: "id") { id: ID! left: Int }
      type Query { stock: Int }
      type Subscription { stockChanged: Int }
    `,
  },
});

type Snapshots = Record<string, string | undefined>;

const toTraits = (snapshot: string | undefined) => (snapshot === undefined ? {} : { snapshot });

function buildSupergraph(snapshots: Snapshots) {
  let document = parseSupergraph(supergraphSdl);
  for (const [field, snapshot] of Object.entries(snapshots)) {
    document = addEventSubgraph(document, field, toTraits(snapshot))?.supergraph ?? document;
  }
  return Supergraph.build(document.document);
}

/** Prints the types of an event subgraph, except those of federation itself. */
function printEventTypes(supergraph: Supergraph, field: string): string[] {
  const schema = supergraph.subgraphs().get(`event:${field}`)!.schema.toGraphQLJSSchema();
  expect(validateSchema(schema)).toEqual([]);
  return Object.values(schema.getTypeMap())
    .filter((type) => !isSpecifiedScalarType(type) && !/^(_|link__|federation__|Query$)/.test(type.name))
    .map((type) => oneLine(printType(type)))
    .sort();
}

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ');

/** Plans a query and prints the subgraph and the selection of each fetch. */
function planFetches(supergraph: Supergraph, query: string): string[] {
  const planner = new QueryPlanner(supergraph);
  const { node } = planner.buildQueryPlan(operationFromDocument(supergraph.apiSchema(), parse(query)));
  const { primary, rest } = node as SubscriptionNode;
  return [primary, ...(rest ? listFetches(rest) : [])].map(({ serviceName, operation }) => {
    const [definition] = parse(operation).definitions as [OperationDefinitionNode];
    const [field] = definition.selectionSet.selections as [FieldNode];
    const selectionSet = field.name.value === '_entities' ? field.selectionSet : definition.selectionSet;
    return `${serviceName} ${oneLine(print(selectionSet!))}`;
  });
}

const listFetches = (node: PlanNode): FetchNode[] => {
  if (node.kind === 'Fetch') return [node];
  if (node.kind === 'Flatten') return listFetches(node.node);
  return node.kind === 'Sequence' || node.kind === 'Parallel' ? node.nodes.flatMap(listFetches) : [];
};

test('event subgraphs do not change the API schema', () => {
  const api = (supergraph: Supergraph) => printSchema(supergraph.apiSchema().toGraphQLJSSchema());
  const changed = buildSupergraph({
    orderChanged: undefined,
    orderPlaced: '{ id }',
    extraAdded: undefined,
    ticked: undefined,
  });
  expect(api(changed)).toBe(api(Supergraph.build(supergraphSdl)));
});

test('the other subgraphs lose only the subscription fields', () => {
  const before = Supergraph.build(supergraphSdl).subgraphs();
  const after = buildSupergraph({ orderChanged: undefined, orderPlaced: '{ id }' }).subgraphs();
  const print = (graphs: typeof before, name: string) =>
    printSchema(graphs.get(name)!.schema.toGraphQLJSSchema());
  expect(print(after, 'stock')).toBe(print(before, 'stock'));
  expect(print(after, 'shop')).toBe(
    print(before, 'shop').replace(/\n {2}orderChanged.*|\n {2}orderPlaced.*/g, ''),
  );
});

describe('without a snapshot', () => {
  test('an event carries all fields without arguments, up to the first recursive type', () => {
    expect(printEventTypes(buildSupergraph({ orderChanged: undefined }), 'orderChanged')).toEqual(
      [
        'type Address { city: String! }',
        'type Book implements Item { id: ID! price: Money pages: Int }',
        'enum Channel { WEB PHONE }',
        'type Disc implements Item { id: ID! price: Money minutes: Int }',
        'union Extra = Note | Gift',
        'type Gift { from: String! }',
        'interface Item { id: ID! price: Money }',
        'scalar Money',
        'type Note { text: String! }',
        'type Order { id: ID! number: Int! status: Status! items: [Item!]! extra: Extra ship: Address shelf: Shelf! secret: Int }',
        'input OrderFilter { status: Status = OPEN nested: OrderFilter by: Channel }',
        'type Shelf { row: Int! place: Int! }',
        'enum Status { OPEN CLOSED }',
        'type Subscription { orderChanged(filter: OrderFilter): Order }',
      ].sort(),
    );
  });

  test('the type of an event can be a scalar or a union', () => {
    const supergraph = buildSupergraph({ ticked: undefined, extraAdded: undefined });
    expect(printEventTypes(supergraph, 'ticked')).toEqual([
      'type Subscription { ticked(every: Int = 1): Int! }',
    ]);
    expect(printEventTypes(supergraph, 'extraAdded')).toContain('union Extra = Note | Gift');
  });
});

describe('a plan with an event subgraph', () => {
  const supergraph = buildSupergraph({
    orderChanged:
      '{ id status items { id price ... on Book { pages } } extra { ... on Note { text } ... on Gift { from } } }',
    orderPlaced: '{ shelf { row place } number }',
  });
  const plan = (selection: string, field = 'orderChanged') =>
    planFetches(supergraph, `subscription { ${field} { ${selection} } }`);

  test('reads the fields of the snapshot from the event', () => {
    expect(
      plan('id state: status items { price ... on Book { pages } } extra { ... on Gift { from } }'),
    ).toEqual([
      'event:orderChanged { orderChanged { id state: status items { __typename price ... on Book { pages } } extra { __typename ... on Gift { from } } } }',
    ]);
  });

  test('fetches other fields from the owner, including those with arguments', () => {
    expect(plan('status number a: total(currency: "EUR") b: total(currency: "COP")')).toEqual([
      'event:orderChanged { orderChanged { __typename id status } }',
      'shop { ... on Order { number a: total(currency: "EUR") b: total(currency: "COP") } }',
    ]);
  });

  test('fetches fields of other subgraphs by keys in the snapshot', () => {
    expect(plan('left items { ... on Book { left } }').sort()).toEqual([
      'event:orderChanged { orderChanged { __typename id items { __typename ... on Book { __typename id } } } }',
      'stock { ... on Book { left } }',
      'stock { ... on Order { left } }',
    ]);
  });

  test('reaches another subgraph through the owner by a composite key', () => {
    expect(plan('number left', 'orderPlaced')).toEqual([
      'event:orderPlaced { orderPlaced { __typename shelf { row place } number } }',
      'shop { ... on Order { id } }',
      'stock { ... on Order { left } }',
    ]);
  });

  test('does not exist for fields outside the snapshot of an object without a key', () => {
    const withoutKey = buildSupergraph({ ruleless: '{ text }' });
    expect(() => planFetches(withoutKey, 'subscription { ruleless { size } }')).toThrow();
  });
});

describe('an interface object', () => {
  const { supergraphSdl: sdl } = createTestFederation({
    media: {
      typeDefs: `
        interface Media @key(fields: "id") { id: ID! title: String }
        type Film implements Media @key(fields: "id") { id: ID! title: String minutes: Int }
        type Query { media: [Media] }
      `,
    },
    reviews: {
      typeDefs: `
        type Media @interfaceObject @key(fields: "id") { id: ID! stars: Int }
        type Query { best: Media }
        type Subscription { reviewed: Media }
      `,
    },
  });

  test('is an object type in the event subgraph, as in its owner', () => {
    const { supergraph } = addEventSubgraph(parseSupergraph(sdl), 'reviewed', { snapshot: '{ id stars }' })!;
    expect(
      planFetches(
        Supergraph.build(supergraph.document),
        'subscription { reviewed { stars title __typename } }',
      ),
    ).toEqual([
      'event:reviewed { reviewed { __typename id stars } }',
      'media { ... on Media { __typename title } }',
    ]);
  });
});

test('a supergraph before Federation 2.3 cannot have event sources', () => {
  const earlier = supergraphSdl
    .replace(/^directive @join__unionMember.*$/m, '')
    .replaceAll(/@join__unionMember\(.*?\)/g, '');
  expect(() => addEventSubgraph(parseSupergraph(earlier), 'ticked', {})).toThrow('Federation 2.3');
  expect(addEventSubgraph(parseSupergraph(earlier), 'nope', {})).toBeUndefined();
});

describe('an invalid snapshot is rejected', () => {
  const getRejection = (snapshot: string, field = 'orderChanged') => {
    try {
      addEventSubgraph(parseSupergraph(supergraphSdl), field, { snapshot });
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  };
  const prefix = 'The snapshot of Subscription.orderChanged is invalid: ';

  test.each([
    ['an unknown field', '{ nope }', 'The subgraph does not resolve Order.nope.'],
    ['a field of another subgraph', '{ id weight }', 'The subgraph does not resolve Order.weight.'],
    ['a field with arguments', '{ total }', 'Order.total has arguments, so that no event can carry it.'],
    ['an object without fields', '{ id ship }', 'Address needs a selection of its fields.'],
    ['fields of a scalar', '{ id { x } }', 'ID has no fields.'],
    ['an alias', '{ a: id }', 'A snapshot cannot have aliases ("a").'],
    ['a named fragment', '{ ...F }', 'A snapshot cannot have named fragments. Use inline fragments.'],
    [
      'a fragment definition',
      'fragment F on Order { id }',
      'A snapshot must be one selection set, such as "{ id }". Expected a single operation.',
    ],
    [
      'a type without selected fields',
      '{ id extra { ... on Note { text } } }',
      'Select at least one field of Gift.',
    ],
    [
      'different fields of a type in different places',
      '{ id status items { id } replaces { id } }',
      'Select the same fields of Order everywhere.',
    ],
  ])('%s', (_, snapshot, message) => {
    expect(getRejection(snapshot)).toBe(prefix + message);
  });

  test('a valid snapshot, or one for an unknown field, is accepted', () => {
    expect(getRejection('{ __typename id ... { number } ... on Order { status } }')).toBeUndefined();
    expect(addEventSubgraph(parseSupergraph(supergraphSdl), 'nope', { snapshot: '{ id }' })).toBeUndefined();
  });
});
