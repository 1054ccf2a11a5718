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
import { readSupergraph } from '../supergraph/supergraph-document.js';
import { createTestFederation } from '../testing/test-federation.js';
import { addEventGraph } from './event-subgraph.js';

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

function load(snapshots: Snapshots) {
  let document = readSupergraph(supergraphSdl);
  for (const [field, snapshot] of Object.entries(snapshots)) {
    document = addEventGraph(document, field, snapshot)?.supergraph ?? document;
  }
  return Supergraph.build(document.document);
}

/** The types of an event's schema that are not federation's own. */
function schemaOf(supergraph: Supergraph, field: string): string[] {
  const schema = supergraph.subgraphs().get(`event:${field}`)!.schema.toGraphQLJSSchema();
  expect(validateSchema(schema)).toEqual([]);
  return Object.values(schema.getTypeMap())
    .filter((type) => !isSpecifiedScalarType(type) && !/^(_|link__|federation__|Query$)/.test(type.name))
    .map((type) => oneLine(printType(type)))
    .sort();
}

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ');

/** Every fetch of a plan: whom it asks, and for what. */
function fetches(supergraph: Supergraph, query: string): string[] {
  const planner = new QueryPlanner(supergraph);
  const { node } = planner.buildQueryPlan(operationFromDocument(supergraph.apiSchema(), parse(query)));
  const { primary, rest } = node as SubscriptionNode;
  return [primary, ...(rest ? leavesOf(rest) : [])].map(({ serviceName, operation }) => {
    const [definition] = parse(operation).definitions as [OperationDefinitionNode];
    const [field] = definition.selectionSet.selections as [FieldNode];
    const asked = field.name.value === '_entities' ? field.selectionSet : definition.selectionSet;
    return `${serviceName} ${oneLine(print(asked!))}`;
  });
}

const leavesOf = (node: PlanNode): FetchNode[] => {
  if (node.kind === 'Fetch') return [node];
  if (node.kind === 'Flatten') return leavesOf(node.node);
  return node.kind === 'Sequence' || node.kind === 'Parallel' ? node.nodes.flatMap(leavesOf) : [];
};

test('clients see the same API as before', () => {
  const api = (supergraph: Supergraph) => printSchema(supergraph.apiSchema().toGraphQLJSSchema());
  const changed = load({
    orderChanged: undefined,
    orderPlaced: '{ id }',
    extraAdded: undefined,
    ticked: undefined,
  });
  expect(api(changed)).toBe(api(Supergraph.build(supergraphSdl)));
});

test('the subgraphs keep everything but the field', () => {
  const before = Supergraph.build(supergraphSdl).subgraphs();
  const after = load({ orderChanged: undefined, orderPlaced: '{ id }' }).subgraphs();
  const print = (graphs: typeof before, name: string) =>
    printSchema(graphs.get(name)!.schema.toGraphQLJSSchema());
  expect(print(after, 'stock')).toBe(print(before, 'stock'));
  expect(print(after, 'shop')).toBe(
    print(before, 'shop').replace(/\n {2}orderChanged.*|\n {2}orderPlaced.*/g, ''),
  );
});

describe('without a snapshot', () => {
  test('an event carries every plain field of its owner, cut where a type comes inside itself', () => {
    expect(schemaOf(load({ orderChanged: undefined }), 'orderChanged')).toEqual(
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

  test('a scalar and a union can be events', () => {
    const supergraph = load({ ticked: undefined, extraAdded: undefined });
    expect(schemaOf(supergraph, 'ticked')).toEqual(['type Subscription { ticked(every: Int = 1): Int! }']);
    expect(schemaOf(supergraph, 'extraAdded')).toContain('union Extra = Note | Gift');
  });
});

describe('a plan', () => {
  const supergraph = load({
    orderChanged:
      '{ id status items { id price ... on Book { pages } } extra { ... on Note { text } ... on Gift { from } } }',
    orderPlaced: '{ shelf { row place } number }',
  });
  const planned = (selection: string, field = 'orderChanged') =>
    fetches(supergraph, `subscription { ${field} { ${selection} } }`);

  test('takes from the event what it carries', () => {
    expect(
      planned('id state: status items { price ... on Book { pages } } extra { ... on Gift { from } }'),
    ).toEqual([
      'event:orderChanged { orderChanged { id state: status items { __typename price ... on Book { pages } } extra { __typename ... on Gift { from } } } }',
    ]);
  });

  test('fetches from the owner what the event lacks, and fields with arguments each by its own', () => {
    expect(planned('status number a: total(currency: "EUR") b: total(currency: "COP")')).toEqual([
      'event:orderChanged { orderChanged { __typename id status } }',
      'shop { ... on Order { number a: total(currency: "EUR") b: total(currency: "COP") } }',
    ]);
  });

  test('goes on to other subgraphs', () => {
    expect(planned('left items { ... on Book { left } }').sort()).toEqual([
      'event:orderChanged { orderChanged { __typename id items { __typename ... on Book { __typename id } } } }',
      'stock { ... on Book { left } }',
      'stock { ... on Order { left } }',
    ]);
  });

  test('reaches another subgraph by a key of several parts, through the owner', () => {
    expect(planned('number left', 'orderPlaced')).toEqual([
      'event:orderPlaced { orderPlaced { __typename shelf { row place } number } }',
      'shop { ... on Order { id } }',
      'stock { ... on Order { left } }',
    ]);
  });

  test('cannot be made for what the event lacks of an object that no subgraph finds again', () => {
    const lacking = load({ ruleless: '{ text }' });
    expect(() => fetches(lacking, 'subscription { ruleless { size } }')).toThrow();
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

  test('is carried as the object that it is to its owner', () => {
    const { supergraph } = addEventGraph(readSupergraph(sdl), 'reviewed', '{ id stars }')!;
    expect(
      fetches(Supergraph.build(supergraph.document), 'subscription { reviewed { stars title __typename } }'),
    ).toEqual([
      'event:reviewed { reviewed { __typename id stars } }',
      'media { ... on Media { __typename title } }',
    ]);
  });
});

test('a supergraph of an earlier federation cannot have events', () => {
  const earlier = supergraphSdl
    .replace(/^directive @join__unionMember.*$/m, '')
    .replaceAll(/@join__unionMember\(.*?\)/g, '');
  expect(() => addEventGraph(readSupergraph(earlier), 'ticked', undefined)).toThrow('federation 2.3');
  expect(addEventGraph(readSupergraph(earlier), 'nope', undefined)).toBeUndefined();
});

describe('a snapshot is refused', () => {
  const refusal = (snapshot: string, field = 'orderChanged') => {
    try {
      addEventGraph(readSupergraph(supergraphSdl), field, snapshot);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  };
  const reason = 'The snapshot of Subscription.orderChanged cannot be used: ';

  test.each([
    ['a field that is not there', '{ nope }', 'Order.nope is not of this subgraph.'],
    ['a field of another subgraph', '{ id weight }', 'Order.weight is not of this subgraph.'],
    ['a field with arguments', '{ total }', 'Order.total takes arguments: no event can carry it.'],
    ['an object without fields', '{ id ship }', 'Fields of Address must be selected.'],
    ['fields of a scalar', '{ id { x } }', 'ID has no fields to select.'],
    ['an alias', '{ a: id }', 'A snapshot has no aliases ("a").'],
    ['a named fragment', '{ ...F }', 'A snapshot has no named fragments.'],
    ['an operation of another kind', 'fragment F on Order { id }', 'A snapshot is one selection set.'],
    [
      'a type of which nothing is carried',
      '{ id extra { ... on Note { text } } }',
      'At least one field of Gift must be selected.',
    ],
    [
      'different fields of one type in different places',
      '{ id status items { id } replaces { id } }',
      'The same fields of Order must be selected everywhere.',
    ],
  ])('%s', (_, snapshot, why) => {
    expect(refusal(snapshot)).toBe(reason + why);
  });

  test('but not where it fits, or where there is no such field', () => {
    expect(refusal('{ __typename id ... { number } ... on Order { status } }')).toBeUndefined();
    expect(addEventGraph(readSupergraph(supergraphSdl), 'nope', '{ id }')).toBeUndefined();
  });
});
