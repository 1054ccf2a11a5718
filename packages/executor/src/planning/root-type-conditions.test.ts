import { buildSchema } from 'graphql';
import { expect, test } from 'vitest';
import { createRootTypeConditionRemover } from './root-type-conditions.js';

const remove = createRootTypeConditionRemover(
  buildSchema(`
    type Query implements Node { id: ID! me: User node: Node self: Query }
    type Mutation { act: Result }
    interface Node { id: ID! }
    type User implements Node { id: ID! }
    type Result { query: Query }
  `),
);

test.each([
  ['at the root', '{...on Query{me{id}}}', '{me{id}}'],
  ['in a field of a root type', '{self{...on Query{me{id}}}}', '{self{me{id}}}'],
  ['below a mutation', 'mutation{act{query{...on Query{me{id}}}}}', 'mutation{act{query{me{id}}}}'],
  [
    'in an entity',
    'query($representations:[_Any!]!){_entities(representations:$representations){...on Result{query{...on Query{id}}}}}',
    'query($representations:[_Any!]!){_entities(representations:$representations){...on Result{query{id}}}}',
  ],
  [
    'with a directive, which stays',
    '{self{...on Query@tag{id}...on Query{me{id}}}}',
    '{self{...@tag{id}me{id}}}',
  ],
])('removes a condition on a root type %s', (_, operation, expected) => {
  expect(remove(operation)).toBe(expected);
});

test('keeps a condition on a root type in an interface', () => {
  const operation = '{node{...on Query{me{id}}}}';
  expect(remove(operation)).toBe(operation);
});
