import { BREAK, buildSchema, parse, specifiedRules, validate, type ASTVisitor } from 'graphql';
import { expect, test } from 'vitest';
import { mergeValidationRules } from './merge-validation-rules.js';

const schema = buildSchema(`
  interface Node { id: ID! }
  type Query { node(id: ID!, first: Int = 1): Node nodes(where: Where): [Node!]! }
  type Door implements Node { id: ID! name(locale: Locale): String }
  input Where { name: String! open: Boolean }
  enum Locale { EN ES }
  type Subscription { doors: Door }
`);

test.each([
  ['is valid', '{ node(id: 1) { id ... on Door { name(locale: EN) } } }'],
  ['has unknown names', 'query ($a: Nothing) { nde { id } node(idd: 1) { ... on Dor { name } } ...F @no }'],
  ['has wrong values', '{ node(id: true, first: "1") { id } nodes(where: { open: 1, close: 2 }) { id } }'],
  ['has wrong variables', 'query ($a: String, $a: Int, $b: Door) { node(id: $a, first: $c) { id } }'],
  ['has fields in conflict', '{ node(id: 1) { id } node(id: 2) { id { no } } ... on Query { node: nodes } }'],
  [
    'has wrong fragments',
    '{ ...A ...A } fragment A on Query { ...B } fragment B on Query { ...A } fragment B on Int { a }',
  ],
  [
    'repeats names',
    'query A { node(id: 1, id: 2) { id } } query A { nodes(where: { name: "a", name: "b" }) { id } }',
  ],
  ['has repeated directives', '{ node(id: 1) @skip(if: true) @skip(if: false) { id @deprecated } }'],
  ['defines a type', 'type A { b: C } extend type Door { x: Int } { node(id: 1) { id } }'],
  ['has two root fields', 'subscription { doors { id } other: doors { id } } { node }'],
])('a document that %s has the same errors as with separate rules', (_case, query) => {
  const document = parse(query);
  const toText = (errors: readonly { toString(): string }[]) => errors.map(String);
  const merged = mergeValidationRules(specifiedRules);
  for (let validation = 0; validation < 2; validation += 1) {
    expect(toText(validate(schema, document, [merged]))).toEqual(toText(validate(schema, document)));
  }
});

test('a rule can skip the children of a node and stop, while others continue', () => {
  const visitedFields: string[][] = [];
  const createRule = (result: unknown, stopAt: string) => {
    const fields: string[] = [];
    visitedFields.push(fields);
    return (): ASTVisitor => ({
      Field(node) {
        fields.push(node.name.value);
        return node.name.value === stopAt ? result : undefined;
      },
    });
  };
  const rules = [createRule(false, 'a'), createRule(BREAK, 'b'), createRule(undefined, '')];
  validate(schema, parse('{ a { b } c }'), [mergeValidationRules(rules)]);
  expect(visitedFields).toEqual([
    ['a', 'c'],
    ['a', 'b'],
    ['a', 'b', 'c'],
  ]);
});
