import type { ApolloGatewayDeviation } from './apollo-gateway-deviation.js';

const goods = {
  goods: `
    type Query { good: Good goods: [Good] }
    enum Unit { KG LB }
    type Good @key(fields: "id") { id: ID! name: String code: String! weight(unit: Unit! = KG): Float size: Size }
    type Size { width: Int height: Int }
  `,
  freight: `
    enum Unit { KG LB }
    type Good @key(fields: "id") {
      id: ID! load: Int code: String! @external weight(unit: Unit! = KG): Float @external size: Size @external
      freight: Int @requires(fields: "weight(unit: LB)")
      label: String @requires(fields: "code")
      box: String @requires(fields: "size { width }")
      crate: String @requires(fields: "size { height }")
    }
    type Size { width: Int @external height: Int @external }
  `,
};

const media = {
  media: `
    type Query { book: Book media: Media }
    interface Node { id: ID! }
    interface Media implements Node @key(fields: "id") { id: ID! title: String }
    type Book implements Media & Node @key(fields: "id") { id: ID! title: String }
    type Film implements Media & Node @key(fields: "id") { id: ID! title: String }
  `,
  reviews: `
    type Query { rated: [Media] }
    type Media @interfaceObject @key(fields: "id") {
      id: ID! stars: Int rank(in: Int): Int title: String @external summary: String @requires(fields: "title")
      reviews: [Review]
    }
    type Review { text: String! by: String }
  `,
};

const chain = {
  goods: 'type Query { good: Good } type Good @key(fields: "id") { id: ID! name: String }',
  prices: `
    type Query { cheapest: Good }
    type Good @key(fields: "id") { id: ID! name: String @external price: Float @requires(fields: "name") }
  `,
  taxes:
    'type Good @key(fields: "id") { id: ID! price: Float @external tax: Float @requires(fields: "price") }',
};

const tariffs = {
  parcels: `
    type Query { parcels: [Parcel!] }
    enum Unit { G KG LB }
    enum Length { M FT }
    type Parcel @key(fields: "id") { id: ID! weight(unit: Unit! = G): Int size: Size }
    type Size @key(fields: "id") { id: ID! width(in: Length!): Int }
  `,
  tariffs: `
    enum Unit { G KG LB }
    enum Length { M FT }
    type Parcel @key(fields: "id") {
      id: ID!
      weight(unit: Unit! = G): Int @external
      inKilos: String @requires(fields: "weight(unit: KG)")
      inPounds: String @requires(fields: "weight(unit: LB)")
      plain: String @requires(fields: "weight")
    }
    type Size @key(fields: "id") {
      id: ID!
      width(in: Length!): Int @external
      inMetres: String @requires(fields: "width(in: M)")
      inFeet: String @requires(fields: "width(in: FT)")
    }
  `,
};

const boxes = {
  stock: `
    type Query { crate: Crate }
    type Crate @key(fields: "id") { id: ID! boxes: [Box!]! }
    type Box
      @key(fields: "shelf { row }", resolvable: false)
      @key(fields: "id shelf { row side }")
      @key(fields: "id", resolvable: false) {
      id: ID! shelf: Shelf! label: String! @external tag: String! @requires(fields: "label")
    }
    type Shelf @shareable { row: ID! side: ID! }
  `,
  labels: `
    type Query { labels: Int }
    type Box @key(fields: "id") @key(fields: "shelf { row }", resolvable: false) { id: ID! shelf: Shelf! label: String! }
    type Shelf @shareable { row: ID! side: ID! }
  `,
};

/** Faults in plans of Apollo's query planner. The executor rewrites operations before planning to avoid them. */
export const planningDeviations: readonly ApolloGatewayDeviation[] = [
  {
    name: 'a field is dropped beside a conditional field that requires another one',
    reason:
      'federation#3317: the required field is fetched under the condition and missing in the representation of both',
    sdls: goods,
    query: 'query ($if: Boolean!) { good { load label @include(if: $if) } }',
    variables: { if: false },
  },
  {
    name: 'an alias named like a key corrupts the representation',
    reason: 'federation#3036: representations are read by the name of the key',
    sdls: goods,
    query: '{ good { id: name freight } }',
  },
  {
    name: 'an alias named like a required field corrupts the representation',
    reason: 'federation#3036: representations are read by the name of the required field',
    sdls: goods,
    query: '{ good { code: name label } }',
  },
  {
    name: 'a field required with arguments replaces the field that the client selected',
    reason: 'federation#2996: both have the same response name',
    sdls: goods,
    query: '{ good { freight weight } }',
  },
  {
    name: '__typename beside a field of an @interfaceObject is null',
    reason: 'it is fetched from the subgraph that knows only the interface',
    sdls: media,
    query: '{ book { stars __typename } }',
  },
  {
    name: 'a fragment on another interface behind an @interfaceObject cannot be planned',
    reason: 'the planner throws: it looks for object types in a subgraph that knows none',
    sdls: media,
    query: '{ rated { ... on Node { id } } }',
  },
  {
    name: 'the required fields of an @interfaceObject field are required of all types',
    reason: 'the representations of several types differ only by their interface',
    sdls: media,
    query: '{ media { stars ... on Film { summary } } }',
  },
  {
    name: 'two fields require one field with different arguments',
    reason: 'the planner requests the field with the arguments of one of them, and both receive its value',
    sdls: tariffs,
    query: '{ parcels { inKilos inPounds plain weight(unit: G) size { inMetres inFeet } } }',
  },
  {
    name: 'behind an @interfaceObject, one response key with different arguments in each type',
    reason: 'its subgraph knows no types: the arguments of the first one are used',
    sdls: media,
    query: '{ rated { ... on Book { of: rank(in: 1) } ... on Film { of: rank(in: 2) } } }',
    dataSettings: { seed: 2 },
  },
  {
    name: 'an entity is fetched by a key that its subgraph cannot resolve',
    reason: 'the planner takes the first key of the type for a field that requires others',
    sdls: boxes,
    query: '{ crate { id boxes { id label tag } } }',
  },
  {
    name: 'a required field that itself requires others is fetched without them',
    reason:
      'the planner ignores these requirements if the entity comes from the subgraph of the required field',
    sdls: chain,
    query: '{ cheapest { tax } }',
  },
  {
    // The subgraph of the @interfaceObject does not know the types. Only one request for each type could separate them.
    name: 'behind an @interfaceObject, an error in a selection on one type nulls the objects of other types',
    reason: 'selections of a field on one type and on all types are merged',
    sdls: media,
    query: '{ media { reviews { by } ... on Film { reviews { text } } } }',
    dataSettings: { seed: 5, errorRate: 0.2 },
    isShared: true,
  },
];
