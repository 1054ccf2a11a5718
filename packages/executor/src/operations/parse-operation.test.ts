import { getOperationAST, parse } from 'graphql';
import { expect, test } from 'vitest';
import { sizeOf } from './size.js';

const size = (query: string) => {
  const document = parse(query);
  return sizeOf(document, getOperationAST(document)!);
};

test('counts selections and fields within fields', () => {
  expect(size('{ a b { c { d } } }')).toEqual({ selections: 4, depth: 3 });
  expect(size('{ ... { a ... on T { b { c } } } }')).toEqual({ selections: 5, depth: 2 });
});

test('counts a fragment wherever it is spread', () => {
  expect(size('{ a { ...F } b { c { ...F } } } fragment F on T { x y }')).toEqual({
    selections: 9,
    depth: 3,
  });
});

test('counts at once what fragments make immense', () => {
  const fragments = Array.from(
    { length: 200 },
    (_, index) => `fragment F${index} on T { ...F${index + 1} a { ...F${index + 1} } }`,
  );
  const { selections } = size(`{ ...F0 } ${fragments.join(' ')} fragment F200 on T { a }`);
  expect(selections).toBeGreaterThan(2 ** 200);
});

test('is not trapped by fragments in a circle, nor by those that are missing', () => {
  expect(size('{ ...A } fragment A on T { a ...B } fragment B on T { ...A }').selections).toBe(4);
  expect(size('{ ...Nope }')).toEqual({ selections: 1, depth: 0 });
});
