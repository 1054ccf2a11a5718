import { buildSchema, parse, print } from 'graphql';
import { expect, test } from 'vitest';
import { concreteConditions } from './concrete-conditions.js';

const schema = buildSchema(`
  type Query { media: Media other: Other }
  interface Node { id: ID }
  interface Media implements Node { id: ID title: String next: Media }
  type Book implements Media & Node & Sold { id: ID title: String next: Media price: Int }
  type Film implements Media & Node { id: ID title: String next: Media }
  type Toy implements Sold { price: Int }
  interface Sold { price: Int }
  union Other = Book | Toy
`);
const rewritten = (query: string) =>
  print(concreteConditions(parse(query), schema, new Set(['Media']))).replace(/\s+/g, ' ');

test('a condition that every value meets is none', () => {
  expect(rewritten('{ media { ... on Node { id ... on Media { title } } ... { id } } }')).toBe(
    '{ media { ... on Media { id ... on Media { title } } ... on Media { id } } }',
  );
});

test('another one is said by object types, below as well', () => {
  expect(rewritten('{ media { id ... on Sold { price } next { ... on Other { __typename } } } }')).toBe(
    '{ media { id ... on Book { price } next { ... on Book { __typename } } } }',
  );
});

test('what none of the object types can meet is left out', () => {
  expect(rewritten('{ media { ... on Other { ... on Sold { price } ... on Toy { price } } } }')).toBe(
    '{ media { ... on Book { ... on Sold { price } } } }',
  );
});

test('named fragments are written out where they are in the way', () => {
  expect(rewritten('{ media { ...F } } fragment F on Sold { price }')).toContain(
    '{ media { ... on Book { price } } }',
  );
});

test('conditions on object types, and elsewhere, stay', () => {
  const query = '{ media { ... on Film { title } } other { ... on Sold { price } } }';
  expect(rewritten(query)).toBe(query);
});
