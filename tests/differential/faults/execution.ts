import type { FaultOfStock } from './fault.js';

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

/** Faults in how stock executes plans; the plans are right. */
export const faultsInExecution: readonly FaultOfStock[] = [
  {
    name: 'a failed fetch is told as {}',
    reason: 'it adds what was thrown to the errors as it is, and an Error has nothing that JSON shows',
    subgraphs: boxes,
    query: '{ main { id liveCount } }',
    spoiled: {
      more: () => {
        throw new Error('connect ECONNREFUSED');
      },
    },
    right: {
      data: { main: { id: 'Box:1.id', liveCount: null } },
      errors: [{ message: '', path: ['main'], extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
    },
  },
  {
    name: 'a null in a non-null place never reaches the errors',
    reason: 'what is wrong with the data is told in extensions that no client reads',
    subgraphs: boxes,
    query: '{ main { size strict } }',
    spoiled: { more: () => ({ data: { _entities: [null] } }) },
    right: { data: { main: null }, errors: [{ message: '', path: ['main', 'strict'] }] },
  },
  {
    name: 'a fragment on the type of the field, in one on an interface, loses its fields',
    reason: 'it takes the object for one of the interface only, where its data does not say its type',
    subgraphs: boxes,
    query: '{ main { ... on Sized { ... on Box { size } } } }',
  },
  {
    name: 'inner lists of a shared list of lists are replaced, not merged',
    reason: 'it merges the elements of the outer list only where they are objects',
    subgraphs: boxes,
    query: '{ main { rows { left right } } }',
  },
  {
    name: 'lists in a required list are sent as nulls',
    reason: 'it takes every element of a required list for an object',
    subgraphs: boxes,
    query: '{ main { weight } }',
  },
  {
    name: 'indexes in the paths of errors are wrong behind type conditions',
    reason: 'it counts the entities of the type, not the elements of the list',
    subgraphs: boxes,
    query: '{ boxes { ... on Box { flaw } } }',
    circumstances: { seed: 28, faults: 0.5 },
  },
  {
    name: 'errors of fields that were only fetched for others reach the client',
    reason: 'it adds every error of every subgraph to the answer',
    subgraphs: boxes,
    query: '{ main { id price } }',
    spoiled: {
      more: () => ({
        data: { _entities: [{ label: null }] },
        errors: [{ message: 'of nobody’s business', path: ['_entities', 0, 'label'] }],
      }),
    },
    right: {
      data: { main: { id: 'Box:1.id', price: null } },
      errors: [{ message: '', path: ['main', 'price'], extensions: { code: 'DEPENDENCY_FAILED' } }],
    },
  },
  {
    name: 'a field is computed from what an error made null',
    reason: 'a null is sent to the subgraph that computes, whatever it comes of',
    subgraphs: boxes,
    query: '{ main { label price } }',
    spoiled: {
      more: () => ({
        data: { _entities: [{ label: null }] },
        errors: [{ message: '', path: ['_entities', 0, 'label'], extensions: { code: 'TORN' } }],
      }),
    },
    right: {
      data: { main: { label: null, price: null } },
      errors: [
        { message: '', path: ['main', 'label'], extensions: { code: 'TORN' } },
        { message: '', path: ['main', 'price'], extensions: { code: 'DEPENDENCY_FAILED' } },
      ],
    },
  },
  {
    name: 'keys are not in the order of the operation',
    reason: 'it shapes answers by an operation in which like selections have been brought together',
    subgraphs: boxes,
    query: '{ main { ... on Sized { size } id ... on Sized { kind: __typename } liveCount } }',
  },
  {
    name: 'neighbouring mutation fields of one subgraph see the effects of each other',
    reason:
      'they are one fetch, and what others know of the first is asked for when the second has been made',
    subgraphs: boxes,
    query: 'mutation { fill { liveCount } empty { id } }',
  },
];
