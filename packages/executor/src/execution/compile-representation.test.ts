import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import { buildSchema } from 'graphql';
import { expect, test } from 'vitest';
import { typeConditions } from '../supergraph/type-conditions.js';
import { createFaults, type Fault } from './field-errors.js';
import { compileRequires } from './compile-representation.js';

const types = typeConditions(
  buildSchema('type Query { book: Book } type Book { id: ID } type Lamp { id: ID }'),
);
const field = (name: string): QueryPlanSelectionNode => ({ kind: 'Field', name });
const project = compileRequires(
  [{ kind: 'InlineFragment', typeCondition: 'Book', selections: [field('__typename'), field('id')] }],
  types,
);
const down: Fault = {
  message: 'It is down.',
  source: 'books',
  extensions: {},
  rest: [],
  ofAll: true,
  toldAt: undefined,
  loose: false,
};

test('what is required of a type is copied from an object of that type only', () => {
  const into = {};
  expect(project({ __typename: 'Book', id: '1', title: 'T' }, into, undefined)).toBeUndefined();
  expect(project({ __typename: 'Lamp', id: '1' }, {}, undefined)).toBeUndefined();
  expect(into).toEqual({ __typename: 'Book', id: '1' });
});

test.each(['id', '__typename'])('where %s is missing by an error, that is why all is', (name) => {
  const source = { __typename: 'Book', id: '1', [name]: undefined };
  const faults = createFaults();
  faults.add(source, name, down);
  expect(project(source, {}, faults)).toMatchObject({ faults: [down] });
});

test('an object of an unknown type of which nothing is known is passed over', () => {
  expect(project({ id: '1' }, {}, createFaults())).toBeUndefined();
});
