import { buildSchema, Kind } from 'graphql';
import { expect, test } from 'vitest';
import { parseFieldSet } from '../shared/graphql-ast.js';
import { readAccessModel } from './access-model.js';
import { createAccessRules } from './access-rules.js';
import { parseSupergraph } from './supergraph-document.js';

const GRAPH = 'enum join__Graph { A @join__graph(name: "a", url: "http://a.test") }';
const DIRECTIVES = `
  directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
  directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
`;

/** Returns a function that lists the keys of the requirements of a field. */
function createRules(types: string) {
  const document = parseSupergraph(`schema { query: Query } ${GRAPH} ${types}`);
  const model = readAccessModel(document)!;
  const rules = createAccessRules(buildSchema(`${DIRECTIVES} ${types}`), model);
  return {
    rules,
    list: (typeName: string, field: string) => {
      const [selection] = parseFieldSet(field);
      if (selection?.kind !== Kind.FIELD) throw new Error('not a field');
      return rules.getFieldRequirements(typeName, selection).map(({ key }) => key);
    },
  };
}

test('a root type gives its requirements to each of its fields', () => {
  const { list } = createRules('type Query @authenticated { a: Int }');
  expect(list('Query', 'a')).toStrictEqual(['authenticated']);
  expect(list('Query', '__typename')).toStrictEqual([]);
  expect(list('Query', '__schema { types { name } }')).toStrictEqual([]);
});

test('an interface that composition gave the requirements of its types leaves them to the fragments', () => {
  const { list, rules } = createRules(`
    type Query { i: I }
    interface I @authenticated { a: Int }
    type A implements I @authenticated { a: Int }
    type B implements I { a: Int }
  `);
  expect(list('Query', 'i { ... on B { a } }')).toStrictEqual([]);
  expect(list('Query', 'i { __typename }')).toStrictEqual([]);
  expect(list('Query', 'i { a }')).toStrictEqual(['authenticated']);
  expect(list('I', 'a')).toStrictEqual(['authenticated']);
  expect(list('B', 'a')).toStrictEqual([]);
  expect(rules.getTypeRequirements('I')).toStrictEqual([]);
  expect(rules.getTypeRequirements('A')).toHaveLength(1);
});

test('an interface that needs more than its types demands it in any case', () => {
  const { list, rules } = createRules(`
    type Query { i: I j: J }
    interface I @authenticated { a: Int }
    type A implements I { a: Int }
    interface J @requiresScopes(scopes: [["x", "y"]]) { a: Int }
    type C implements J @requiresScopes(scopes: [["x"], ["z"]]) { a: Int }
  `);
  expect(list('Query', 'i { ... on A { a } }')).toStrictEqual(['authenticated']);
  expect(rules.getTypeRequirements('I')).toHaveLength(1);
  expect(list('Query', 'j { ... on C { a } }')).toStrictEqual(['scopes [["x","y"]]']);
});

test('the requirements of an interface follow from those of its types by all their alternatives', () => {
  const { list } = createRules(`
    type Query { i: I }
    interface I @requiresScopes(scopes: [["a", "c"], ["b", "c"], ["d"]]) { a: Int }
    type A implements I @requiresScopes(scopes: [["a"], ["b"], ["d"]]) { a: Int }
    type B implements I @requiresScopes(scopes: [["c"], ["d"]]) { a: Int }
  `);
  expect(list('Query', 'i { ... on A { a } }')).toStrictEqual([]);
  expect(list('Query', 'i { a }')).toHaveLength(2);
});

test('a field of an interface has the requirements of the types that its types return', () => {
  const { list } = createRules(`
    type Query { i: I }
    interface I { next: Next }
    interface Next { a: Int }
    type Open implements Next { a: Int }
    type Secret implements Next @authenticated { a: Int }
    type A implements I { next: Open }
    type B implements I { next: Secret }
  `);
  expect(list('I', 'next { __typename }')).toStrictEqual(['authenticated']);
  expect(list('A', 'next { a }')).toStrictEqual([]);
});

test('interfaces that implement an interface count too', () => {
  const { list } = createRules(`
    type Query { i: I }
    interface I { a: Int }
    interface J implements I { a: Int @authenticated }
    type A implements I & J { a: Int }
  `);
  expect(list('I', 'a')).toStrictEqual(['authenticated']);
});
