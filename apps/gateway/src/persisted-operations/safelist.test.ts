import { expect, test } from 'vitest';
import { createSafelist, hashDocument, type ListedOperation } from './safelist.js';

const RULES: ListedOperation = { id: 'r1', name: 'Rules', type: 'query', body: 'query Rules {\n  a\n}' };
const HEALTH: ListedOperation = { id: 'h1', name: 'Health', type: 'query', body: 'query Health { b c }' };
const safelist = createSafelist([RULES, HEALTH], 1_000);

test('finds a document by its id and by the hash of its body', () => {
  expect(safelist.getById('r1')).toBe(RULES.body);
  expect(safelist.getById(hashDocument(RULES.body))).toBe(RULES.body);
  expect(safelist.getById('r2')).toBeUndefined();
});

test('finds a document by its text, in any notation', () => {
  expect(safelist.findByText(RULES.body)).toBe(RULES.body);
  for (let i = 0; i < 2; i += 1) expect(safelist.findByText('query Rules{a}')).toBe(RULES.body);
  expect(safelist.findByText('query Rules { a a }')).toBeUndefined();
});

test('does not compare a long text', () => {
  expect(safelist.findByText(`query Rules {a} ${' '.repeat(1_000)}`)).toBeUndefined();
});

test('does not compare a text that is far longer than the listed ones', () => {
  const lenient = createSafelist([RULES, HEALTH], 1_000_000);
  expect(lenient.findByText(`query Rules {a} ${' '.repeat(4_000)}`)).toBe(RULES.body);
  expect(lenient.findByText(`query Rules {a} ${' '.repeat(5_000)}`)).toBeUndefined();
});

test('rejects an id with two bodies', () => {
  const other = { ...HEALTH, id: 'r1' };
  expect(() => createSafelist([RULES, other], 1_000)).toThrow(
    'The operation Health has the id of another operation: r1.',
  );
});
