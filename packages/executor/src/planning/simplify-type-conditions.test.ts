import { buildSchema, getOperationAST, parse, print } from 'graphql';
import { expect, test } from 'vitest';
import { simplifyTypeConditions } from './simplify-type-conditions.js';

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

function simplify(query: string, ...interfaceObjects: readonly string[]): string {
  const document = parse(query);
  const result = simplifyTypeConditions(document, getOperationAST(document)!, {
    apiSchema: schema,
    interfaceObjects: new Set(interfaceObjects),
  });
  return print(result).replace(/\s+/g, ' ');
}

test('type conditions that always hold are removed', () => {
  expect(simplify('{ media { ... on Node { id ... on Media { title } } ... { id } } }')).toBe(
    '{ media { id title id } }',
  );
  expect(simplify('{ book { ... on Other { ... on Sold { price } } } }')).toBe('{ book { price } }');
});

test('other type conditions remain', () => {
  const query = '{ media { ... on Film { title } ... on Sold { price } } other { ... on Sold { price } } }';
  expect(simplify(query)).toBe(query);
});

test('a fragment that no object satisfies is removed, with regard to the enclosing conditions', () => {
  const query = '{ media { ... on Other { ... on Sold { ... on Toy { price } ... on Book { id } } } } }';
  expect(simplify(query)).toBe('{ media { ... on Other { ... on Sold { ... on Book { id } } } } }');
  expect(simplify('{ media { id ... on Other { ... on Toy { price } } } }')).toBe('{ media { id } }');
});

test('a field with an empty selection set remains', () => {
  expect(simplify('{ media { next { ... on Other { ... on Toy { price } } } } }')).toBe('{ media { next } }');
});

test('for an interface object, conditions on abstract types become conditions on object types', () => {
  const query =
    '{ media { id ... on Sold { price } next { ... on Other { __typename } ... on Node { id } } } }';
  expect(simplify(query, 'Media')).toBe(
    '{ media { id ... on Book { price } next { ... on Book { __typename } id } } }',
  );
});

test('named fragments are inlined once per selection set', () => {
  const query = '{ book { ...F ...F next { ...F } } } fragment F on Sold { price }';
  expect(simplify(query)).toBe('{ book { price next { ... on Sold { price } } } }');
});

test('a fragment with directives remains a fragment', () => {
  expect(simplify('{ book { ... @other { id } ... on Node @other { title: id } } }')).toBe(
    '{ book { ... @other { id } ... @other { title: id } } }',
  );
});

test('fragments in introspection fields are inlined', () => {
  const query =
    '{ __schema { types { ...F } } __type(name: "Book") { ...F } } fragment F on __Type { name ofType { name } }';
  expect(simplify(query)).toBe(
    '{ __schema { types { name ofType { name } } } __type(name: "Book") { name ofType { name } } }',
  );
});
