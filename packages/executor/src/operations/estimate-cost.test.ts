import { buildSchema, getOperationAST, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { parseSupergraph } from '../supergraph/supergraph-document.js';
import { readCostModel } from '../supergraph/cost-model.js';
import { estimateCost, listCostVariables } from './estimate-cost.js';

const DIRECTIVES = `
  directive @cost(weight: Int!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR
  directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!],
    requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION
`;
const TYPES = `
  type Query {
    one: Door
    unknownSize: [Door!]!
    assumed: [Door] @listSize(assumedSize: 50)
    sliced(first: Int = 20, last: Int): [Door] @listSize(slicingArguments: ["first", "last"], requireOneSlicingArgument: false)
    strict(first: Int, last: Int): [Door] @listSize(slicingArguments: ["first", "last"])
    nested(page: Page): [Door] @listSize(slicingArguments: ["page.size"], assumedSize: 7, requireOneSlicingArgument: false)
    connection(first: Int): Connection @listSize(slicingArguments: ["first"], sizedFields: ["nodes"], assumedSize: 3, requireOneSlicingArgument: false)
    costly: Door @cost(weight: 100)
    search(text: String @cost(weight: 5)): Int
    any: Thing
    union: Either
    owned: Owned
    report: Report
    count: Int @cost(weight: 4)
    colors: [Color]
    grid: [[Door!]!]! @listSize(assumedSize: 3)
    cube: [[[Door]]]
  }
  type Connection { nodes: [Door] pageInfo: PageInfo total: Int }
  type PageInfo { hasNextPage: Boolean }
  interface Thing { id: ID self: Thing children: [Thing] }
  type Door implements Thing { id: ID self: Thing children: [Thing] doors: [Door] @listSize(assumedSize: 2) }
  type Window implements Thing { id: ID self: Thing children: [Thing] @listSize(assumedSize: 1) panes: [Door] @listSize(assumedSize: 30) }
  union Either = Door | Window
  interface Owned { owner: Owner }
  interface Owner { name: String }
  type Shed implements Owned { owner: Person }
  type Villa implements Owned { owner: Company }
  type Person implements Owner { name: String }
  type Company implements Owner @cost(weight: 500) { name: String }
  type Report @cost(weight: 25) { id: ID }
  scalar Color @cost(weight: 2)
  input Page { size: Int filters: [Filter!] }
  input Filter { text: String @cost(weight: 3) }
`;
const SUPERGRAPH = `
  schema @link(url: "https://specs.apollo.dev/cost/v0.1", import: ["@cost", "@listSize"]) { query: Query }
  enum join__Graph { A }
  ${DIRECTIVES} ${TYPES}
`;
const schema = buildSchema(DIRECTIVES + TYPES);

function getCost(query: string, variables = {}, supergraph = SUPERGRAPH): number {
  const document = parse(query);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('no operation');
  return estimateCost(schema, readCostModel(parseSupergraph(supergraph)), document, operation, variables);
}

describe('the cost of an operation', () => {
  it.each([
    ['an object costs 1 and a scalar nothing', '{ one { id } }', 1],
    ['a list of unknown size counts as 10 elements', '{ unknownSize { id } }', 10],
    ['a list has its assumed size', '{ assumed { id } }', 50],
    ['lists multiply', '{ assumed { doors { id children { id } } } }', 50 * (1 + 2 * (1 + 10))],
    ['a slicing argument is the size', '{ sliced(first: 5) { id } }', 5],
    ['of several slicing arguments, the greatest is', '{ sliced(first: 5, last: 8) { id } }', 8],
    ['a slicing argument has a default', '{ sliced { id } }', 20],
    ['a negative size counts as a list of unknown size', '{ sliced(first: -5) { id } }', 10],
    ['a negative size does not lower another one', '{ sliced(first: -5, last: 30) { id } }', 30],
    ['a negative size counts as the assumed size', '{ nested(page: { size: -1 }) { id } }', 7],
    ['the lists in a list count as 10 elements each', '{ grid { id } }', 3 * 10],
    ['lists in lists multiply', '{ cube { id } }', 10 * 10 * 10],
    ['a slicing argument in an input object', '{ nested(page: { size: 4 }) { id } }', 4],
    ['no value in an input object: the assumed size', '{ nested(page: {}) { id } }', 7],
    [
      'a sized field has the size of its parent',
      '{ connection(first: 6) { nodes { id } pageInfo { hasNextPage } total } }',
      1 + 6 + 1,
    ],
    [
      'a sized field has the assumed size of its parent',
      '{ connection { nodes { doors { id } } } }',
      1 + 3 * 3,
    ],
    ['the weight of a field replaces that of its type', '{ costly { id doors { id } } }', 102],
    ['a type has a weight', '{ report { id } }', 25],
    ['an argument has a weight', '{ search(text: "x") }', 5],
    ['an absent argument has none', '{ search }', 0],
    [
      'input fields have weights, at each element',
      '{ nested(page: { size: 1, filters: [{ text: "a" }, { text: "b" }] }) { id } }',
      1 + 6,
    ],
    ['a field of a scalar type has a weight', '{ count }', 4],
    ['scalars have weights', '{ colors }', 20],
    ['aliases cost each', '{ a: one { id } b: one { id } }', 2],
    [
      'fields that are merged cost once',
      '{ one { id } ...F } fragment F on Query { one { self { id } } }',
      2,
    ],
    [
      'of the possible types, the most costly counts',
      '{ any { ... on Door { doors { id } } ... on Window { panes { id } } } }',
      31,
    ],
    [
      'of the types of a union too',
      '{ union { ... on Door { doors { id } } ... on Window { panes { id } } } }',
      31,
    ],
    ['of the types that a field has in its object types too', '{ owned { owner { name } } }', 501],
    ['fields of all types add up', '{ any { self { id } ... on Door { doors { id } } } }', 4],
    ['an object type may know its list better than the interface', '{ any { children { id } } }', 11],
    ['@skip and @include', '{ one @include(if: false) { id } unknownSize @skip(if: true) { id } }', 0],
    ['__typename costs nothing', '{ __typename one { __typename } }', 1],
  ])('%s', (_name, query, cost) => {
    expect(getCost(query)).toBeCloseTo(cost, 8);
  });

  it('depends on the values of variables', () => {
    const query = 'query ($n: Int, $if: Boolean!) { sliced(first: $n) { id } one @include(if: $if) { id } }';
    expect(getCost(query, { n: 7, if: true })).toBe(8);
    expect(getCost(query, { n: 3, if: false })).toBe(3);
    expect(getCost(query, { if: false })).toBe(20);
  });

  it('of introspection follows from the sizes of the schema', () => {
    const { length } = Object.keys(schema.getTypeMap());
    expect(getCost('{ __schema { types { name } } }')).toBeCloseTo(0.1 + length * 0.1, 8);
    expect(getCost('{ __type(name: "Either") { possibleTypes { name } } }')).toBeCloseTo(0.1 + 2 * 0.1, 8);
    // Half of the references to a type wrap another one.
    expect(getCost('{ __type(name: "Door") { ofType { ofType { name } } } }')).toBeCloseTo(0.1 + 0.075, 8);
    expect(getCost('{ __schema { directives { locations } } }')).toBeCloseTo(
      0.1 + schema.getDirectives().length * 0.1,
      8,
    );
  });

  it('is refused without exactly one slicing argument, where the schema demands one', () => {
    const expectRefused = (query: string) =>
      expect(() => getCost(query)).toThrow('needs exactly one of these arguments: first, last');
    expectRefused('{ strict { id } }');
    expectRefused('{ strict(first: 1, last: 2) { id } }');
    expectRefused('{ strict(first: null) { id } }');
    expect(getCost('{ strict(last: 4) { id } }')).toBe(4);
  });

  it('grows with each level of nesting', () => {
    const nest = (depth: number): string => (depth === 0 ? 'id' : `id children { ${nest(depth - 1)} }`);
    expect(getCost(`{ any { ${nest(6)} } }`)).toBe(1_111_111);
  });
});

describe('the estimate is cheap', () => {
  it('for fragments that multiply: each is estimated once', () => {
    const fragments = Array.from(
      { length: 40 },
      (_, level) =>
        `fragment F${level} on Door { a: self { ...F${level + 1} } b: self { ...F${level + 1} } }`,
    );
    const query = `{ one { ...F0 } } ${fragments.join(' ')} fragment F40 on Door { id }`;
    expect(getCost(query)).toBe(
      1 + Array.from({ length: 40 }, (_, i) => 2 ** (i + 1)).reduce((a, b) => a + b),
    );
  });

  it('for abstract types at every level: their combinations are not tried', () => {
    const nest = (depth: number): string =>
      depth === 0
        ? 'id'
        : `... on Door { a${depth}: self { ${nest(depth - 1)} } } ... on Window { a${depth}: self { ${nest(depth - 1)} } } self { ${nest(depth - 1)} }`;
    const before = process.cpuUsage();
    getCost(`{ any { ${nest(7)} } }`);
    const { user, system } = process.cpuUsage(before);
    expect(user + system).toBeLessThan(3_000_000);
  });
});

describe('the directives of a supergraph', () => {
  const SCHEMA_LINK = /schema @link\(.*?\)/;
  it('can have other names', () => {
    const renamed = SUPERGRAPH.replace(
      SCHEMA_LINK,
      'schema @link(url: "https://specs.apollo.dev/cost/v0.1", import: [{ name: "@cost", as: "@price" }, { name: "@listSize", as: "@length" }])',
    )
      .replaceAll('@cost', '@price')
      .replaceAll('@listSize', '@length');
    const withNames = renamed
      .replace('name: "@price"', 'name: "@cost"')
      .replace('name: "@length"', 'name: "@listSize"');
    expect(getCost('{ costly { id } assumed { id } }', {}, withNames)).toBe(150);
  });

  it('have the prefix of their link if they are not imported', () => {
    const prefixed = SUPERGRAPH.replace(
      SCHEMA_LINK,
      'schema @link(url: "https://specs.apollo.dev/cost/v0.1", as: "price")',
    )
      .replaceAll('@cost', '@price')
      .replaceAll('@listSize', '@price__listSize');
    expect(getCost('{ costly { id } assumed { id } }', {}, prefixed)).toBe(150);
  });

  it('are optional: without them an object costs 1 and a list has 10 elements', () => {
    const types = TYPES.replaceAll(/@(cost|listSize)\([^)]*\)/g, '');
    const plain = `schema { query: Query } enum join__Graph { A } ${types}`;
    expect(getCost('{ costly { id } assumed { id } }', {}, plain)).toBe(11);
  });
});

describe('the variables that can change a cost', () => {
  const query = `query ($a: Int, $b: Int, $c: String, $d: Boolean!, $e: Int, $f: Boolean! = true) {
    sliced(first: $a) { id } nested(page: { size: $b }) { id ...F }
    search(text: $c) count(of: $e) one @include(if: $d) { id }
  }
  fragment F on Door { id @skip(if: $f) }`;
  const list = (supergraph: string) =>
    listCostVariables(readCostModel(parseSupergraph(supergraph)), parse(query)).toSorted();

  it('are those in conditions, and in arguments that limit lists', () => {
    expect(list(SUPERGRAPH.replace('text: String @cost(weight: 3)', 'text: String'))).toEqual([
      'a',
      'b',
      'd',
      'f',
    ]);
  });

  it('are those in all arguments if input objects have costs', () => {
    expect(list(SUPERGRAPH)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });
});
