import { expect, test } from 'vitest';
import { parseSingleOperation } from '../shared/graphql-ast.js';
import { hasDivergentFields } from './has-divergent-fields.js';

const check = (text: string) => hasDivergentFields(parseSingleOperation(text).selectionSet);

test.each([
  '{ all { ... on A { at { size(in: 1) } } ... on B { at { size(in: 2) } } } }',
  '{ all { ... on A { at { size(in: $a) } } ... on B { at { size(in: $b) } } } }',
  '{ all { ... on A { at { size(in: 1) } } ... on B { at { size } } } }',
  '{ all { ... on A { at { x: name } } ... on B { at { x: title } } } }',
  '{ all { ... on A { x: at { name } } ... on B { x: place { name } } } }',
  '{ all { ... { ... on A { at { in { x: name } } } } } all { ... on B { at { in { x: title } } } } }',
])('finds different fields under one response key: %s', (text) => {
  expect(check(text)).toBe(true);
});

test.each([
  '{ all { ... on A { at { size(in: 1) } } ... on B { at { size(in: 1) } } } }',
  '{ all { ... on A { at { size(in: 1, of: 2) } } ... on B { at { size(of: 2, in: 1) } } } }',
  '{ all { ... on A { a: at { size(in: 1) } } ... on B { b: at { size(in: 2) } } } }',
  '{ all { ... on A { at { name } } ... on B { at { title } } } }',
])('finds none where each response key stands for one field: %s', (text) => {
  expect(check(text)).toBe(false);
});
