import { buildSchema, getOperationAST, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { estimateCost } from '../../operations/estimate-cost.js';
import { readCostModel } from '../../supergraph/cost-model.js';
import { parseSupergraph } from '../../supergraph/supergraph-document.js';

/*
 * The cases of Hive Router's cost tests (demand_control, demand_control_parity), which follow those of Apollo Router, on a schema of
 * ours. See README.md in this folder.
 */

const DIRECTIVES = `
  directive @cost(weight: Int!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR
  directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!],
    requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION
`;
const TYPES = `
  type Query {
    car(id: ID): Car
    pricedCar: Car @cost(weight: 2)
    carByLength(limit: Int @cost(weight: 1)): Car
    classics: [Car] @listSize(assumedSize: 5)
    newest(after: ID, limit: Int!): [Car] @listSize(slicingArguments: ["limit"])
    range(first: Int, last: Int): [Car] @listSize(slicingArguments: ["first", "last"], requireOneSlicingArgument: false)
    strictRange(first: Int, last: Int): [Car] @listSize(slicingArguments: ["first", "last"])
    page(limit: Int!): CarPage!
      @listSize(slicingArguments: ["limit"], sizedFields: ["cars"], requireOneSlicingArgument: false)
    find(input: FindInput!): [Car] @listSize(slicingArguments: ["input.page.first"])
    findDeep(input: DeepInput!): [Car] @listSize(slicingArguments: ["input.outer.inner.count"])
    fleet(first: Int = 10): Fleet
      @listSize(slicingArguments: ["first"], sizedFields: ["depot { cars }"], requireOneSlicingArgument: false)
    mixedFleet(first: Int = 10): Fleet
      @listSize(slicingArguments: ["first"], sizedFields: ["cars", "depot { cars }"], requireOneSlicingArgument: false)
    findPriced(input: PricedInput!): [Car] @listSize(slicingArguments: ["input.limit"])
    carsByIds(ids: [ID!]!): [Car] @listSize(slicingArguments: ["ids"])
    someCarsByIds(ids: [ID!]): [Car]
      @listSize(slicingArguments: ["ids"], assumedSize: 50, requireOneSlicingArgument: false)
    carsOfKind(kind: Kind!): [Car]
    plates: [String!] @listSize(assumedSize: 2000, requireOneSlicingArgument: false)
    mileage: Meters
    vehicle: Vehicle
    thing: Thing
    boats: [Boat!]!
    owners: [Owner!]!
    price: Int @cost(weight: 5)
    tax(rate: Int @cost(weight: 10)): Int
    color: Color
    ping: String
  }
  type Mutation { wash: String repaint: Car }
  enum Kind { VAN LORRY }
  enum Color @cost(weight: 15) { RED }
  scalar Plate @cost(weight: 1)
  scalar Meters @cost(weight: 10)
  type Car { model: String kind: Kind plate: Plate maker: Maker dealer: Dealer }
  type Maker { name: String notes: String @cost(weight: 3) }
  type Dealer { name: String place: Place pricedPlace: PricedPlace }
  type Place { code: Int! }
  type PricedPlace @cost(weight: 5) { code: Int! }
  type CarPage { cars: [Car!] next: ID }
  type Fleet { cars: [Car!] depot: Depot }
  type Depot { cars: [Car!] recent: [Car] @listSize(assumedSize: 2) label: String }
  input FindInput { page: PageInput }
  input PageInput { first: Int }
  input DeepInput { outer: OuterInput }
  input OuterInput { inner: InnerInput }
  input InnerInput { count: Int }
  input PricedInput { text: String @cost(weight: 2) limit: Int }
  interface Vehicle { wheels: Int }
  type Bike implements Vehicle { wheels: Int bells: Int }
  type Cart { parts: [Bike] }
  union Thing = Cart | Bike
  type Boat { id: ID! owner: Owner! fee: Float }
  type Owner { licence: ID! name: String! }
`;
const model = readCostModel(
  parseSupergraph(`
    schema @link(url: "https://specs.apollo.dev/cost/v0.1", import: ["@cost", "@listSize"]) { query: Query }
    enum join__Graph { GARAGE }
    ${DIRECTIVES} ${TYPES}
  `),
);
const schema = buildSchema(DIRECTIVES + TYPES);

function getCost(query: string, variables: Record<string, unknown> = {}): number {
  const document = parse(query);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('The document has no single operation.');
  return estimateCost(schema, model, document, operation, variables);
}

/** Costs 8: the car 1, its maker 1, its dealer 1, and the place of the dealer 5. */
const WHOLE_CAR = '{ model maker { name } dealer { name pricedPlace { code } } }';
/** Costs 1, or 7 with the dealer. */
const CONDITIONAL = `query ($a: Boolean!, $b: Boolean!) {
  car(id: 1) { model dealer @include(if: $a) @skip(if: $b) { name pricedPlace { code } } }
}`;
const ON_FRAGMENT = '{ car(id: 1) { ...Parts } } fragment Parts on Car';

describe('the estimate is that of Hive Router', () => {
  test.each<[string, string, number, Record<string, unknown>?]>([
    [
      'objects cost 1, leaves nothing',
      '{ car(id: 1) { model maker { name } dealer { place { code } } } }',
      4,
    ],
    ['a type with a cost', `{ car(id: 1) ${WHOLE_CAR} }`, 8],
    ['an assumed size', `{ classics ${WHOLE_CAR} }`, 40],
    ['a slicing argument', `{ newest(limit: 3) ${WHOLE_CAR} }`, 24],
    ['the greatest of two slicing arguments', `{ range(first: 3, last: 5) ${WHOLE_CAR} }`, 40],
    ['a page', `{ page(limit: 5) { cars ${WHOLE_CAR} next } }`, 41],
    [
      'fragments',
      `${ON_FRAGMENT} { model maker { name } dealer { ... on Dealer { pricedPlace { code } } } }`,
      8,
    ],
    ['an excluded field', CONDITIONAL, 1, { a: false, b: false }],
    ['an included field', CONDITIONAL, 7, { a: true, b: false }],
    ['a field that is included and skipped', CONDITIONAL, 1, { a: true, b: true }],
    ['a field with a cost', '{ car(id: 1) { model maker { name notes } } }', 5],
    ['an argument with a cost', '{ carByLength(limit: 5) { model maker { name } } }', 3],
    [
      'a list of values that slices, as a literal',
      '{ carsByIds(ids: ["1", "2", "3"]) { maker { name } } }',
      6,
    ],
    [
      'a list of values that slices, as a variable',
      'query ($ids: [ID!]!) { carsByIds(ids: $ids) { maker { name } } }',
      8,
      { ids: ['1', '2', '3', '4'] },
    ],
    ['an empty list of values', '{ carsByIds(ids: []) { maker { name } } }', 0],
    ['no list of values, but an assumed size', '{ someCarsByIds { model } }', 50],
    [
      'a page below an object',
      `{ fleet(first: 5) { depot { cars ${WHOLE_CAR} recent { model } label } } }`,
      44,
    ],
    [
      'pages at two depths',
      '{ mixedFleet(first: 3) { cars { model } depot { cars { model } recent { model } } } }',
      1 + 3 + 1 + 3 + 2,
    ],
    ['a large list', `{ newest(limit: 999999) ${WHOLE_CAR} }`, 7_999_992],
    ['a scalar with a cost', '{ car(id: "1") { plate } }', 2],
    ['only scalars', '{ ping }', 0],
    ['a list of scalars', '{ plates }', 0],
    [
      'a root field, an argument, an enum and a scalar with costs',
      '{ price tax(rate: 3) color mileage }',
      40,
    ],
    [
      'fragments that narrow and widen',
      `{ vehicle { wheels ...Bells } thing { ...Bells ... on Cart { parts { ...Wheels } } } }
       fragment Bells on Bike { bells } fragment Wheels on Vehicle { wheels }`,
      12,
    ],
  ])('%s', (_, query, cost, variables) => {
    expect(getCost(query, variables)).toBe(cost);
  });

  test.each([
    ['none', '{ strictRange { model } }'],
    ['two', '{ strictRange(first: 2, last: 4) { model } }'],
    ['none in the input object', '{ findPriced(input: { text: "red" }) { model } }'],
  ])('a field that needs one slicing argument and has %s is an error', (_, query) => {
    expect(() => getCost(query)).toThrow(/needs exactly one of these arguments/);
  });
});

describe('the estimate differs by decision', () => {
  test.each<[string, string, { readonly ours: number; readonly hive: number }]>([
    // The cost specification gives a field either its own weight or that of its type.
    ['the cost of a field replaces that of its type', '{ pricedCar { model } }', { ours: 2, hive: 3 }],
    // Input objects are limited by their bytes and values.
    [
      'an input object without a cost is free',
      `{ find(input: { page: { first: 3 } }) ${WHOLE_CAR} }`,
      { ours: 24, hive: 26 },
    ],
    [
      'an input object without a cost is free at any depth',
      `{ findDeep(input: { outer: { inner: { count: 3 } } }) ${WHOLE_CAR} }`,
      { ours: 24, hive: 27 },
    ],
    [
      'only the input field has a cost',
      '{ findPriced(input: { text: "red", limit: 2 }) { maker { notes } } }',
      { ours: 2 + 2 * (1 + 4), hive: 13 },
    ],
    // Commands have separate quotas.
    ['a mutation has no base cost', 'mutation { wash }', { ours: 0, hive: 10 }],
    ['a mutation costs what it returns', 'mutation { repaint { model } }', { ours: 1, hive: 11 }],
    // A subgraph may take a negative number for any size.
    [
      'a negative size counts as a list of unknown size',
      '{ newest(limit: -1) { model } }',
      { ours: 10, hive: 0 },
    ],
    // Hive Router's tests set the default to 0.
    [
      'a list of unknown size counts as 10',
      '{ carsOfKind(kind: VAN) { model kind } }',
      { ours: 10, hive: 0 },
    ],
    // Hive Router counts an entity once for each subgraph that it is fetched from.
    [
      'an entity counts once',
      `{ boats { ...OfOwner } owners { ...Named } }
       fragment Named on Owner { licence name } fragment OfOwner on Boat { owner { ...Named } }`,
      { ours: 30, hive: 40 },
    ],
    // The client does not choose what a field requires; 140 with the owners and their addresses.
    ['required fields of the plan are not counted', '{ boats { id fee } }', { ours: 10, hive: 140 }],
  ])('%s', (_, query, { ours }) => {
    expect(getCost(query)).toBe(ours);
  });
});
