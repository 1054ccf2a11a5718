import { buildSchema, getOperationAST, parse, print } from 'graphql';
import { expect, test } from 'vitest';
import { narrowConditions } from './simplify-type-conditions.js';

const schema = buildSchema(`
  type Query { media: Media other: Other book: Book }
  interface Node { id: ID }
  interface Media implements Node { id: ID title: String next: Media }
  type Book implements Media & Node & Sold { id: ID title: String next: Media price: Int }
  type Film implements Media & Node { id: ID title: String next: Media }
  type Toy implements Sold { price: Int }
  interface Sold { price: Int }
  union Other = Book | Toy
`);

function narrowed(query: string, ...interfaceObjects: readonly string[]): string {
  const document = parse(query);
  const result = narrowConditions(document, getOperationAST(document)!, {
    schema,
    interfaceObjects: new Set(interfaceObjects),
  });
  return print(result).replace(/\s+/g, ' ');
}

test('conditions that always hold are left out', () => {
  expect(narrowed('{ media { ... on Node { id ... on Media { title } } ... { id } } }')).toBe(
    '{ media { id title id } }',
  );
  expect(narrowed('{ book { ... on Other { ... on Sold { price } } } }')).toBe('{ book { price } }');
});

test('others stay', () => {
  const query = '{ media { ... on Film { title } ... on Sold { price } } other { ... on Sold { price } } }';
  expect(narrowed(query)).toBe(query);
});

test('what no object can meet is left out, through all conditions above it', () => {
  const query = '{ media { ... on Other { ... on Sold { ... on Toy { price } ... on Book { id } } } } }';
  expect(narrowed(query)).toBe('{ media { ... on Other { ... on Sold { ... on Book { id } } } } }');
  expect(narrowed('{ media { id ... on Other { ... on Toy { price } } } }')).toBe('{ media { id } }');
});

test('a field of which nothing is left stays', () => {
  expect(narrowed('{ media { next { ... on Other { ... on Toy { price } } } } }')).toBe('{ media { next } }');
});

test('of an interface that is an object somewhere, other abstract types are said by object types', () => {
  const query =
    '{ media { id ... on Sold { price } next { ... on Other { __typename } ... on Node { id } } } }';
  expect(narrowed(query, 'Media')).toBe(
    '{ media { id ... on Book { price } next { ... on Book { __typename } id } } }',
  );
});

test('named fragments are written where they are spread, each once', () => {
  const query = '{ book { ...F ...F next { ...F } } } fragment F on Sold { price }';
  expect(narrowed(query)).toBe('{ book { price next { ... on Sold { price } } } }');
});

test('directives keep their fragment', () => {
  expect(narrowed('{ book { ... @other { id } ... on Node @other { title: id } } }')).toBe(
    '{ book { ... @other { id } ... @other { title: id } } }',
  );
});

test('fragments in what asks for the schema are written out too', () => {
  const query =
    '{ __schema { types { ...F } } __type(name: "Book") { ...F } } fragment F on __Type { name ofType { name } }';
  expect(narrowed(query)).toBe(
    '{ __schema { types { name ofType { name } } } __type(name: "Book") { name ofType { name } } }',
  );
});
