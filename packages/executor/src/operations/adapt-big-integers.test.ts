import { buildSchema, parse, type OperationDefinitionNode } from 'graphql';
import { expect, test } from 'vitest';
import { adaptBigIntegers } from './adapt-big-integers.js';

const schema = buildSchema(`
  scalar Big
  input Filter { id: ID, big: Big, numbers: [Float!], inner: Filter }
  type Query { a(big: Big): Int }
`);
const BIG = 9007199254740993n;

const adapt = (type: string, value: unknown) => {
  const [operation] = parse(`query ($v: ${type}) { a }`).definitions as OperationDefinitionNode[];
  const adapted = adaptBigIntegers(schema, operation?.variableDefinitions ?? [], { v: value });
  return adapted?.['v'];
};

test.each<[string, unknown, unknown]>([
  ['ID!', BIG, '9007199254740993'],
  ['Float', BIG, 9007199254740992],
  ['Int', BIG, 9007199254740992],
  ['[ID!]!', BIG, '9007199254740993'],
  ['[[ID]]', [['a', BIG]], [['a', '9007199254740993']]],
  [
    'Filter',
    { id: BIG, big: BIG, numbers: [1, BIG], inner: { id: BIG }, other: BIG },
    { id: String(BIG), big: BIG, numbers: [1, 9007199254740992], inner: { id: String(BIG) }, other: BIG },
  ],
])('a variable of type %s', (type, value, expected) => {
  expect(adapt(type, value)).toStrictEqual(expected);
});

test.each<[string, unknown]>([
  ['Big', BIG],
  ['[Big]', [BIG, { a: BIG }]],
  ['Filter', { big: BIG }],
  ['Unknown', BIG],
  ['ID', { a: BIG }],
])('a variable of type %s keeps its value', (type, value) => {
  expect(adapt(type, value)).toBeUndefined();
});
