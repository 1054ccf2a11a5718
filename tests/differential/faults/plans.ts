import type { FaultOfStock } from './fault.js';

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
      id: ID! stars: Int title: String @external summary: String @requires(fields: "title")
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

/** Faults in what stock's planner plans, and how they show. Ours rewrites the operation before it is planned. */
export const faultsInPlans: readonly FaultOfStock[] = [
  {
    name: 'a field is dropped where one beside it has a condition and requires another',
    reason:
      'federation#3317: what is required is fetched under the condition, and missing from the representation of both',
    subgraphs: goods,
    query: 'query ($if: Boolean!) { good { load label @include(if: $if) } }',
    variables: { if: false },
  },
  {
    name: 'an alias named like a key spoils the representation',
    reason: 'federation#3036: representations are read by the name of the key',
    subgraphs: goods,
    query: '{ good { id: name freight } }',
  },
  {
    name: 'an alias named like a required field spoils the representation',
    reason: 'federation#3036: representations are read by the name of the required field',
    subgraphs: goods,
    query: '{ good { code: name label } }',
  },
  {
    name: 'a field required with arguments takes the place of the client’s own',
    reason: 'federation#2996: both have the same response name',
    subgraphs: goods,
    query: '{ good { freight weight } }',
  },
  {
    name: '__typename beside a field of an @interfaceObject is null',
    reason: 'it is asked of the subgraph that knows the interface only',
    subgraphs: media,
    query: '{ book { stars __typename } }',
  },
  {
    name: 'a condition on another interface finds no plan behind an @interfaceObject',
    reason: 'the planner throws: it looks for the type where none is known',
    subgraphs: media,
    query: '{ rated { ... on Node { id } } }',
  },
  {
    name: 'what a field of an @interfaceObject requires is required of all types',
    reason: 'the representations of several types are told apart by their interface only',
    subgraphs: media,
    query: '{ media { stars ... on Film { summary } } }',
  },
  {
    // To be mended it would have to be taken out of the first fetch, and one that has what it takes be put before each that
    // reads it. That is a part of planning, and says nothing of who else reads it: the planner is to be mended.
    name: 'a required field that requires others is asked without them',
    reason:
      'where the entity comes from the subgraph of the required field, its own requirements are passed over',
    subgraphs: chain,
    query: '{ cheapest { tax } }',
    isOurs: true,
  },
  {
    // The subgraph of the @interfaceObject knows no types to ask for: only as many requests as there are would keep them apart.
    name: 'an error of what is asked of one type only, behind an @interfaceObject, takes with it what is asked of others',
    reason: 'where a field is asked of some types and of all, its selections are one',
    subgraphs: media,
    query: '{ media { reviews { by } ... on Film { reviews { text } } } }',
    circumstances: { seed: 5, faults: 0.2 },
    isOurs: true,
  },
];
