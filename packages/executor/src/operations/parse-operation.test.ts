import { getOperationAST, parse } from 'graphql';
import { expect, test } from 'vitest';
import { measureOperation } from './parse-operation.js';

const measure = (query: string) => {
  const document = parse(query);
  return measureOperation(document, getOperationAST(document)!);
};

test('measureOperation counts selections and the depth of nested fields', () => {
  expect(measure('{ a b { c { d } } }')).toEqual({ selections: 4, depth: 3 });
  expect(measure('{ ... { a ... on T { b { c } } } }')).toEqual({ selections: 5, depth: 2 });
});

test('measureOperation counts a fragment at each spread', () => {
  expect(measure('{ a { ...F } b { c { ...F } } } fragment F on T { x y }')).toEqual({
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
  expect(measure('{ ...Nope }')).toEqual({ selections: 1, depth: 0 });
});
