import { buildSchema } from 'graphql';
import { expect, test } from 'vitest';
import type { DataRewrite } from '../planning/query-planner.js';
import { createTypeConditionEvaluator } from '../supergraph/load-supergraph.js';
import { compileDataRewrites } from './fetch-data-rewrites.js';

const types = createTypeConditionEvaluator(
  buildSchema(`
    type Query { item: Item }
    interface Item { id: ID }
    type Book implements Item { id: ID }
    type Lamp { id: ID }
  `),
);

function rewrite(data: unknown, ...rewrites: DataRewrite[]): unknown {
  compileDataRewrites(rewrites, types)?.(data);
  return data;
}
const set = (setValueTo: unknown, ...path: string[]): DataRewrite => ({
  kind: 'ValueSetter',
  path,
  setValueTo,
});
const rename = (renameKeyTo: string, ...path: string[]): DataRewrite => ({
  kind: 'KeyRenamer',
  path,
  renameKeyTo,
});

test('no rewrites need no function', () => {
  expect(compileDataRewrites([], types)).toBeUndefined();
});

test('a value is set in every object of nested lists', () => {
  expect(rewrite({ items: [[{ a: 1 }, null], [{}], 'text'] }, set(2, 'items', 'a'))).toEqual({
    items: [[{ a: 2 }, null], [{ a: 2 }], 'text'],
  });
});

test('a key is renamed, and several rewrites apply in order', () => {
  const data = { item: { a: 1, c: null } };
  rewrite(data, rename('b', 'item', 'a'), rename('d', 'item', 'c'), rename('e', 'item', 'b'));
  expect(JSON.stringify(data)).toBe('{"item":{"d":null,"e":1}}');
});

test('a key that an object lacks is not renamed, nor is an inherited method', () => {
  expect(rewrite({ item: { a: 1 } }, rename('b', 'item', 'x'))).toStrictEqual({ item: { a: 1 } });
  expect(rewrite({ item: {} }, rename('b', 'item', 'toString'))).toStrictEqual({ item: {} });
});

test('a type condition leads on from objects of the type, and from those without __typename', () => {
  const items = [{ __typename: 'Book' }, { __typename: 'Lamp' }, {}];
  expect(rewrite({ items }, set(1, 'items', '... on Item', 'a'))).toEqual({
    items: [{ __typename: 'Book', a: 1 }, { __typename: 'Lamp' }, { a: 1 }],
  });
});

test('a path that leads to no object changes nothing', () => {
  for (const data of [null, undefined, 'text', { item: null }, { item: 3 }, {}]) {
    const copy: unknown = structuredClone(data);
    expect(rewrite(data, set(1, 'item', 'a'))).toStrictEqual(copy);
  }
});
