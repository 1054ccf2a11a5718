import { buildSchema } from 'graphql';
import { expect, test } from 'vitest';
import { findInvalidOperations, parseManifest } from './manifest.js';
import type { ListedOperation } from './safelist.js';

const schema = buildSchema('type Query { a: Int } type Mutation { b: Int }');
const A: ListedOperation = { id: '1', name: 'A', type: 'query', body: 'query A { a }' };
const createManifest = (changes: object = {}) =>
  JSON.stringify({ format: 'apollo-persisted-query-manifest', version: 1, operations: [A], ...changes });

test("reads Apollo's format", () => {
  expect(parseManifest(createManifest())).toStrictEqual([A]);
});

test.each([
  ['no JSON', 'query A { a }', 'It is not JSON'],
  ['another format', createManifest({ format: 'relay' }), 'format: '],
  ['another version', createManifest({ version: 2 }), 'version: '],
  [
    'an operation without an id',
    createManifest({ operations: [{ ...A, id: undefined }] }),
    'operations.0.id: ',
  ],
  ['too many bytes', ' '.repeat(16_777_217), 'It has more than 16777216 bytes'],
])('rejects %s', (_, text, message) => {
  expect(() => parseManifest(text)).toThrow(message);
});

test.each([
  ['a syntax error', 'query A { a', 'Syntax Error'],
  ['an unknown field', 'query A { x }', 'Cannot query field "x"'],
  ['two operations', 'query A { a } query B { a }', 'exactly one operation'],
  ['another type', 'mutation A { b }', 'Its body is a mutation'],
  ['another name', 'query B { a }', 'Its body has the name B'],
  ['nesting that exhausts the stack', `query A ${'{a'.repeat(100_000)}`, 'Maximum call stack'],
])('reports %s with the name of the operation', async (_, body, message) => {
  const [problem, ...others] = await findInvalidOperations([A, { ...A, body }], schema);
  expect(problem).toContain('The operation A is invalid: ');
  expect(problem).toContain(message);
  expect(others).toStrictEqual([]);
});

test('does not validate known bodies again', async () => {
  const body = 'query A { x }';
  expect(await findInvalidOperations([{ ...A, body }], schema, new Set([body]))).toStrictEqual([]);
});
