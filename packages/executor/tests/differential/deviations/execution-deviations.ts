import type { ApolloGatewayDeviation } from './apollo-gateway-deviation.js';

const boxes = {
  main: `
    type Query { main: Box boxes: [Thing] }
    type Mutation { fill: Box empty: Box }
    interface Sized { size: Int }
    union Thing = Box | Pen
    type Box implements Sized @key(fields: "id") {
      id: ID! size: Int name: String rows: [[Cell]] @shareable piles: [[Pile]]
    }
    type Cell { left: Int }
    type Pen { ink: String }
    type Pile { of: Int }
  `,
  more: `
    type Box @key(fields: "id") {
      id: ID! liveCount: Int flaw: String strict: Int!
      name: String @external label: String @requires(fields: "name")
      rows: [[Cell]] @shareable
      piles: [[Pile]] @external weight: Int @requires(fields: "piles { of }")
    }
    type Cell { right: Int }
    type Pile { of: Int @external }
  `,
  price: `
    type Box @key(fields: "id") { id: ID! label: String @external price: Int @requires(fields: "label") }
  `,
};

/** Faults in how @apollo/gateway executes correct plans. */
export const executionDeviations: readonly ApolloGatewayDeviation[] = [
  {
    name: 'a failed fetch is reported as {}',
    reason: 'it adds the thrown Error to the errors unchanged, and an Error has no enumerable properties',
    sdls: boxes,
    query: '{ main { id liveCount } }',
    subgraphResponses: {
      more: () => {
        throw new Error('connect ECONNREFUSED');
      },
    },
    expected: {
      data: { main: { id: 'Box:1.id', liveCount: null } },
      errors: [{ message: '', path: ['main'], extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
    },
  },
  {
    name: 'a null in a non-null place never reaches the errors',
    reason: 'it reports invalid data in extensions that clients do not read',
    sdls: boxes,
    query: '{ main { size strict } }',
    subgraphResponses: { more: () => ({ data: { _entities: [null] } }) },
    expected: { data: { main: null }, errors: [{ message: '', path: ['main', 'strict'] }] },
  },
  {
    name: 'a fragment on the type of a field loses its fields inside a fragment on an interface',
    reason: 'it treats an object without __typename as one of the interface only',
    sdls: boxes,
    query: '{ main { ... on Sized { ... on Box { size } } } }',
  },
  {
    name: 'inner lists of a shared list of lists are replaced, not merged',
    reason: 'it merges elements of the outer list only if they are objects',
    sdls: boxes,
    query: '{ main { rows { left right } } }',
  },
  {
    name: 'lists in a required list are sent as nulls',
    reason: 'it treats every element of a required list as an object',
    sdls: boxes,
    query: '{ main { weight } }',
  },
  {
    name: 'indexes in the paths of errors are wrong behind type conditions',
    reason: 'it counts the entities of the type instead of the elements of the list',
    sdls: boxes,
    query: '{ boxes { ... on Box { flaw } } }',
    dataSettings: { seed: 28, errorRate: 0.5 },
  },
  {
    name: 'errors of fields that were fetched only for @requires reach the client',
    reason: 'it adds every error of every subgraph to the response',
    sdls: boxes,
    query: '{ main { id price } }',
    subgraphResponses: {
      more: () => ({
        data: { _entities: [{ label: null }] },
        errors: [{ message: 'The client did not select this field.', path: ['_entities', 0, 'label'] }],
      }),
    },
    expected: {
      data: { main: { id: 'Box:1.id', price: null } },
      errors: [{ message: '', path: ['main', 'price'], extensions: { code: 'DEPENDENCY_FAILED' } }],
    },
  },
  {
    name: 'a field is computed from what an error made null',
    reason: 'it sends the null to the subgraph that computes the field',
    sdls: boxes,
    query: '{ main { label price } }',
    subgraphResponses: {
      more: () => ({
        data: { _entities: [{ label: null }] },
        errors: [{ message: '', path: ['_entities', 0, 'label'], extensions: { code: 'TORN' } }],
      }),
    },
    expected: {
      data: { main: { label: null, price: null } },
      errors: [
        { message: '', path: ['main', 'label'], extensions: { code: 'TORN' } },
        { message: '', path: ['main', 'price'], extensions: { code: 'DEPENDENCY_FAILED' } },
      ],
    },
  },
  {
    name: 'keys are not in the order of the operation',
    reason: 'it projects responses by an operation whose equal selections were merged',
    sdls: boxes,
    query: '{ main { ... on Sized { size } id ... on Sized { kind: __typename } liveCount } }',
  },
  {
    name: 'adjacent mutation fields of one subgraph see the effects of each other',
    reason:
      'it sends both in one fetch, and fetches the other fields of the first one after the second one has run',
    sdls: boxes,
    query: 'mutation { fill { liveCount } empty { id } }',
  },
];
