import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { checkFieldMerging, hasFragmentCycle } from './field-merging-limit.js';

const isTooComplex = (query: string) => checkFieldMerging(parse(query)) !== undefined;
const repeat = (count: number, create: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => create(index)).join(' ');

test.each([
  ['a field', `{ ${'id '.repeat(500)} }`],
  ['an object', `{ ${'a { id } '.repeat(250)} }`],
  ['a field in repeated objects', `{ ${repeat(25, () => `a { ${'id '.repeat(20)} }`)} }`],
  ['a field with long arguments', `{ ${`a(text: "${'x'.repeat(10_000)}") `.repeat(20)} }`],
  ['a field in inline fragments', `{ ${'... { id } '.repeat(500)} }`],
  ['a field in fragments', `{ ${repeat(500, () => '...F')} } fragment F on T { id }`],
  [
    'different fragments',
    `{ ${repeat(400, (n) => `...F${n}`)} } ${repeat(400, (n) => `fragment F${n} on T { a${n} }`)}`,
  ],
  ['a field in another operation', `query A { id } query B { ${'id '.repeat(500)} }`],
  ['a field in an unused fragment', `{ id } fragment F on T { ${'id '.repeat(500)} }`],
])('%s that is selected too often is found', (_what, query) => {
  expect(isTooComplex(query)).toBe(true);
});

test('exponentially growing fragments are found in a bounded time', () => {
  const fragments = repeat(60, (n) => `fragment F${n} on T { ...F${n + 1} a { ...F${n + 1} } }`);
  expect(isTooComplex(`{ ...F0 } ${fragments} fragment F60 on T { a }`)).toBe(true);
});

test('operations of usual applications are accepted', () => {
  // Each of 20 components selects its fields in a fragment, at five levels.
  const fields = repeat(10, (n) => `field${n}`);
  const component = `${'child { '.repeat(5)} ${fields} ${' }'.repeat(5)} ${fields}`;
  const fragments = repeat(20, (n) => `fragment Component${n} on Page { ${component} }`);
  expect(isTooComplex(`{ page { ${repeat(20, (n) => `...Component${n}`)} } } ${fragments}`)).toBe(false);
  expect(isTooComplex(`{ ${repeat(3_000, (n) => `a${n}: node { id }`)} }`)).toBe(false);
});

test('fragment cycles are found', () => {
  expect(
    hasFragmentCycle(parse('{ ...A } fragment A on T { a { ...B } } fragment B on T { ... { ...A } }')),
  ).toBe(true);
  expect(hasFragmentCycle(parse('{ a } fragment A on T { ...A }'))).toBe(true);
  expect(hasFragmentCycle(parse('{ ...A ...B } fragment A on T { ...B } fragment B on T { ...Nope }'))).toBe(
    false,
  );
});
