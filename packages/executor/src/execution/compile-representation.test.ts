import { buildSchema } from 'graphql';
import { expect, test } from 'vitest';
import type { RequiredSelection } from '../planning/query-planner.js';
import { createTypeConditionEvaluator } from '../supergraph/load-supergraph.js';
import { createFieldErrorIndex, type FieldError } from './response-tree.js';
import { compileRequiredFields } from './compile-representation.js';

const types = createTypeConditionEvaluator(
  buildSchema('type Query { book: Book } type Book { id: ID } type Lamp { id: ID }'),
);
const field = (name: string): RequiredSelection => ({ kind: 'Field', name });
const copyRequiredFields = compileRequiredFields(
  [{ kind: 'InlineFragment', typeCondition: 'Book', selections: [field('__typename'), field('id')] }],
  types,
);
const error: FieldError = {
  message: 'It is down.',
  serviceName: 'books',
  extensions: {},
  originalError: undefined,
  remainingPath: [],
  isAboutWholeFetch: true,
  reportedPathLength: undefined,
  fallbackPathLength: undefined,
  failedSibling: undefined,
};

test('required fields are copied only from an object of the required type', () => {
  const representation = {};
  expect(
    copyRequiredFields({ __typename: 'Book', id: '1', title: 'T' }, representation, undefined),
  ).toBeUndefined();
  expect(copyRequiredFields({ __typename: 'Lamp', id: '1' }, {}, undefined)).toBeUndefined();
  expect(representation).toEqual({ __typename: 'Book', id: '1' });
});

test.each(['id', '__typename'])('the error at a missing %s explains the missing representation', (name) => {
  const entity = { __typename: 'Book', id: '1', [name]: undefined };
  const fieldErrors = createFieldErrorIndex();
  fieldErrors.add(entity, name, error);
  expect(copyRequiredFields(entity, {}, fieldErrors)).toMatchObject({ errors: [error] });
});

test('an object without __typename and without errors is ignored', () => {
  expect(copyRequiredFields({ id: '1' }, {}, createFieldErrorIndex())).toBeUndefined();
});
