import { buildSchema } from 'graphql';
import { expect, test } from 'vitest';
import type { RequiredSelection } from '../planning/query-planner.js';
import { createTypeConditionEvaluator } from '../supergraph/load-supergraph.js';
import { createFieldErrorIndex, type FieldError } from './response-tree.js';
import {
  compileEntityDeduplicationKeys,
  compileRequiredFields,
  sortRequiredFields,
  type CopyRequiredFields,
} from './compile-representation.js';

const types = createTypeConditionEvaluator(
  buildSchema('type Query { book: Book } type Book { id: ID } type Lamp { id: ID }'),
);
const field = (name: string): RequiredSelection => ({ kind: 'Field', name });
/** Compiles within each test: Stryker does not notice an error while the file is loaded. */
const copyRequiredFields: CopyRequiredFields = (...args) =>
  compileRequiredFields(
    [{ kind: 'InlineFragment', typeCondition: 'Book', selections: [field('__typename'), field('id')] }],
    types,
  )(...args);
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

const select = (name: string, ...selections: RequiredSelection[]): RequiredSelection => ({
  kind: 'Field',
  name,
  selections,
});
const on = (typeCondition: string | undefined, ...selections: RequiredSelection[]): RequiredSelection => ({
  kind: 'InlineFragment',
  ...(typeCondition !== undefined && { typeCondition }),
  selections,
});
const alias = (key: string, name: string): RequiredSelection => ({ kind: 'Field', name, alias: key });

function represent(entity: Record<string, unknown>, ...requires: RequiredSelection[]) {
  const representation = {};
  const missing = compileRequiredFields(requires, types)(entity, representation, undefined);
  return missing ?? representation;
}

test('a field is read and written under its alias', () => {
  expect(represent({ name: 'n', key: 'k' }, alias('key', 'name'))).toEqual({ key: 'k' });
});

test('a fragment without a type condition applies to every object', () => {
  expect(represent({ __typename: 'Lamp', id: '1' }, on(undefined, field('id')))).toEqual({ id: '1' });
});

test('subfields are copied from objects, lists and nested lists', () => {
  const entity = { size: { width: 1, height: 2 }, parts: [[{ id: 'a', tone: 1 }], [null, 'text']] };
  expect(represent(entity, select('size', field('width')), select('parts', field('id')))).toEqual({
    size: { width: 1 },
    parts: [[{ id: 'a' }], [null, 'text']],
  });
});

test('several parts of a selection add to one copy', () => {
  const entity = { size: { width: 1, height: 2, depth: 3 }, parts: [{ id: 'a', tone: 1, name: 'n' }] };
  const requires = [
    select('size', field('width')),
    select('size', field('height')),
    select('parts', field('id')),
    select('parts', field('tone')),
  ];
  expect(represent(entity, ...requires)).toEqual({
    size: { width: 1, height: 2 },
    parts: [{ id: 'a', tone: 1 }],
  });
  expect(entity.parts).toEqual([{ id: 'a', tone: 1, name: 'n' }]);
});

test.each<[string, Record<string, unknown>]>([
  ['field', { id: '1' }],
  ['subfield', { id: '1', size: {}, parts: [] }],
  ['subfield of a list element', { id: '1', size: { width: 1 }, parts: [{ id: 'a' }, {}] }],
  ['list element', { id: '1', size: { width: 1 }, parts: [undefined] }],
])('a missing %s without an error ends the representation', (_, entity) => {
  const requires = [field('id'), select('size', field('width')), select('parts', field('id'))];
  expect(represent(entity, ...requires)).toMatchObject({ errors: [] });
});

test('a null counts as missing only if an error caused it', () => {
  const entity = { id: null, parts: [null] };
  const requires = [field('id'), select('parts', field('id'))];
  expect(represent(entity, ...requires)).toEqual(entity);
  const fieldErrors = createFieldErrorIndex();
  fieldErrors.add(entity.parts, 0, error);
  expect(compileRequiredFields(requires, types)(entity, {}, fieldErrors)).toMatchObject({ errors: [error] });
});

test('an object of another type has no error', () => {
  const entity = { __typename: 'Lamp' };
  const fieldErrors = createFieldErrorIndex();
  fieldErrors.add(entity, '__typename', error);
  expect(copyRequiredFields(entity, {}, fieldErrors)).toBeUndefined();
});

test('fields are sorted at every level, and fragments stay before them in their order', () => {
  expect(
    sortRequiredFields([
      field('b'),
      on('Lamp', field('d'), field('c')),
      alias('a', 'z'),
      on('Book'),
      select('__typename', field('f'), field('e')),
      field('a'),
      field('c'),
    ]),
  ).toEqual([
    on('Lamp', field('c'), field('d')),
    on('Book'),
    select('__typename', field('e'), field('f')),
    alias('a', 'z'),
    field('a'),
    field('b'),
    field('c'),
  ]);
});

test('entities of one type are equal if the leaves that they require are', () => {
  const getKeys = compileEntityDeduplicationKeys(
    [
      on('Book', field('__typename'), alias('key', 'id'), on(undefined, field('id'), field('id'))),
      on('Lamp', select('size', field('width'))),
    ],
    types,
  );
  expect(getKeys('Book')).toEqual(['__typename', 'key', 'id']);
  expect(getKeys('Book')).toBe(getKeys('Book'));
  expect(getKeys('Lamp')).toBeUndefined();
  expect(getKeys('Chair')).toEqual([]);
});
