import { getOperationAST, parse } from 'graphql';
import { describe, expect, it, test } from 'vitest';
import {
  checkDocumentText,
  checkOperationSize,
  checkVariableValues,
  measureOperation,
  resolveOperationLimits,
  type OperationLimits,
} from './operation-limits.js';

const measure = (query: string) => {
  const document = parse(query);
  return measureOperation(document, getOperationAST(document)!);
};

test('measureOperation counts selections and the depth of nested fields', () => {
  expect(measure('{ a b { c { d } } }')).toMatchObject({ selections: 4, depth: 3 });
  expect(measure('{ ... { a ... on T { b { c } } } }')).toMatchObject({ selections: 5, depth: 2 });
});

test('measureOperation counts a fragment at each spread', () => {
  expect(measure('{ a { ...F } b { c { ...F } } } fragment F on T { x y }')).toMatchObject({
    selections: 9,
    depth: 3,
  });
});

test('measureOperation counts exponentially growing fragments in linear time', () => {
  const fragments = Array.from(
    { length: 200 },
    (_, index) => `fragment F${index} on T { ...F${index + 1} a { ...F${index + 1} } }`,
  );
  const { selections } = measure(`{ ...F0 } ${fragments.join(' ')} fragment F200 on T { a }`);
  expect(selections).toBeGreaterThan(2 ** 200);
});

test('measureOperation accepts fragment cycles and missing fragments', () => {
  expect(measure('{ ...A } fragment A on T { a ...B } fragment B on T { ...A }').selections).toBe(4);
  expect(measure('{ ...Nope }')).toMatchObject({ selections: 1, depth: 0 });
});

test('measureOperation counts root fields, aliases and directives at each spread', () => {
  const query =
    'query @a { ...F ... @skip(if: true) { b: x } } fragment F on Q { ...G @b ...G } fragment G on Q { a: x y }';
  expect(measure(query)).toMatchObject({ rootFields: 5, aliases: 3, directives: 3 });
});

describe('a request is too complex', () => {
  const check = (query: string, limits: Partial<OperationLimits>): string | undefined => {
    const resolved = resolveOperationLimits(limits);
    const textError = checkDocumentText(query, resolved);
    if (textError) return textError.message;
    const document = parse(query);
    return checkOperationSize(document, getOperationAST(document, 'Q')!, resolved)?.message;
  };
  it.each([
    ['bytes', 'query Q { a(text: "ñññ") }', { maxDocumentBytes: 28 }, 'more than 28 bytes'],
    ['tokens', 'query Q { a a a }', { maxTokens: 6 }, 'more than 6 tokens'],
    ['operations', 'query Q { a } query R { a }', { maxOperations: 1 }, '2 operations; the maximum is 1'],
    ['levels of fields', 'query Q { a { b { c } } }', { maxDepth: 2 }, 'more than 2 levels of fields'],
    ['selections', 'query Q { a b c }', { maxSelections: 2 }, 'more than 2 selections'],
    ['root fields', 'query Q { a b c }', { maxRootFields: 2 }, 'more than 2 root fields'],
    ['aliases', 'query Q { x: a y: a }', { maxAliases: 1 }, 'more than 1 aliases'],
    ['directives', 'query Q @x { a @y }', { maxDirectives: 1 }, 'more than 1 directives'],
  ])('with too many %s', (what, query, limits, message) => {
    expect(check(query, limits)).toContain(message);
    const [[name, maximum] = ['', 0]] = Object.entries(limits);
    const enough = what === 'bytes' ? 29 : maximum + 1;
    expect(check(query, { [name]: what === 'tokens' ? 7 : enough })).toBeUndefined();
  });

  it.each([
    ['lists', 'query Q { a(b: ' + '['.repeat(600) + ']'.repeat(600) + ') }'],
    ['objects', 'query Q { a(b: ' + '{a:'.repeat(600) + '1' + '}'.repeat(600) + ') }'],
    ['selection sets', 'query Q ' + '{a'.repeat(600) + '}'.repeat(600)],
  ])('with too deeply nested %s, which would exhaust the stack', (_what, query) => {
    expect(check(query, {})).toContain('nests more than 500');
  });

  it('with a too long text', () => {
    expect(check('query Q { a(b: "1234567") }', { maxTextBytes: 8 })).toContain(
      'text with more than 8 bytes',
    );
    expect(check('query Q { a(b: """123""") }', { maxTextBytes: 8 })).toContain(
      'text with more than 8 bytes',
    );
    expect(check('query Q { a(b: "123456") }', { maxTextBytes: 8 })).toBeUndefined();
  });

  it('but not for comments, which are no tokens', () => {
    expect(check(`query Q { ${'#\n'.repeat(1_000)} a }`, { maxTokens: 6 })).toBeUndefined();
  });
});

describe('variables are too complex', () => {
  const check = (variables: Record<string, unknown>, limits: Partial<OperationLimits>) =>
    checkVariableValues(variables, resolveOperationLimits(limits))?.message;
  const nest = (depth: number): unknown =>
    Array.from({ length: depth }).reduce<unknown>((inner) => [inner], 'x');

  it('with too many values', () => {
    expect(check({ a: [1, 2, 3] }, { maxVariableValues: 4 })).toBeUndefined();
    expect(check({ a: [1, 2, 3] }, { maxVariableValues: 3 })).toContain('more than 3 values');
  });

  it('with too many levels, however many', () => {
    expect(check({ a: nest(2) }, { maxVariableDepth: 2 })).toBeUndefined();
    expect(check({ a: nest(3) }, { maxVariableDepth: 2 })).toContain('nest more than 2');
    expect(check({ a: nest(100_000) }, {})).toContain('nest more than 100');
  });

  it('with a too long text, which the error names', () => {
    const limits = { maxTextBytes: 4 };
    expect(check({ a: 'abcd', b: [{ c: 'éé' }] }, limits)).toBeUndefined();
    expect(check({ a: 'abcde' }, limits)).toContain('variable "a" has more than 4 bytes');
    expect(check({ a: 1, b: [{ d: 'x' }, { c: 'éée' }] }, limits)).toContain('variable "b.1.c" has more');
    expect(check({ a: nest(100), b: 'abcde' }, limits)).toContain('variable "b"');
  });
});
