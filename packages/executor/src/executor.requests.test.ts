import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, test, vi } from 'vitest';
import type { Executor } from './executor.js';
import type { OperationContext } from './shared/operation-context.js';
import { createFiniteSource, createTestExecutor, silentLogger, prepareNow } from './testing/test-executor.js';
import { createThingsFederation } from './testing/things-federation.js';

const federation = createThingsFederation();
const sources = {
  moved: { snapshot: '{ id name status }', ...createFiniteSource() },
  caused: { snapshot: '{ ... on Wind { speed } ... on Hand { who } }', ...createFiniteSource() },
};
const executor = createTestExecutor(federation, sources);

/** Prepares a request and returns the error codes; `undefined` if it is accepted. */
const getCodes = (
  request: Parameters<Executor<OperationContext>['prepare']>[0],
  preparingExecutor = executor,
): unknown[] | undefined => {
  const prepared = prepareNow(preparingExecutor, request);
  return 'errors' in prepared ? prepared.errors.map(({ extensions }) => extensions['code']) : undefined;
};

test.each([
  ['a syntax error', '{ nope', 'GRAPHQL_PARSE_FAILED'],
  ['an unknown field', 'subscription { moved { nope } }', 'GRAPHQL_VALIDATION_FAILED'],
  ['two root fields', 'subscription { moved { id } seen { id } }', 'GRAPHQL_VALIDATION_FAILED'],
  ['a document without an operation', 'fragment F on Thing { id }', 'OPERATION_RESOLUTION_FAILURE'],
  [
    'several operations without operationName',
    'query A { __typename } query B { __typename }',
    'OPERATION_RESOLUTION_FAILURE',
  ],
  ['a field without a source', 'subscription { unmapped }', 'SUBSCRIPTION_NOT_SUPPORTED'],
  [
    'a field outside the snapshot of an object without a key',
    'subscription { caused { ... on Hand { side } } }',
    'SUBSCRIPTION_NOT_SUPPORTED',
  ],
])('%s is rejected', (_, query, code) => {
  expect(getCodes({ query })).toEqual([code]);
});

test('an unknown operationName is rejected', () => {
  expect(getCodes({ query: 'query A { __typename }', operationName: 'B' })).toEqual([
    'OPERATION_RESOLUTION_FAILURE',
  ]);
});

describe('@skip or @include at the root of a subscription', () => {
  test.each([
    ['on the field', 'subscription ($y: Boolean!) { moved @include(if: $y) { id } }'],
    ['with a constant', 'subscription { moved @skip(if: false) { id } }'],
    ['on an inline fragment', 'subscription ($y: Boolean!) { ... @skip(if: $y) { moved { id } } }'],
    [
      'on a spread',
      'subscription ($y: Boolean!) { ...F @include(if: $y) } fragment F on Subscription { moved { id } }',
    ],
    [
      'inside a fragment',
      'subscription ($y: Boolean!) { ...F } fragment F on Subscription { moved @include(if: $y) { id } }',
    ],
  ])('%s is rejected', (_, query) => {
    expect(getCodes({ query, variables: { y: true } })).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  });

  test('makes the validation of graphql-js throw', () => {
    const schema = buildSchema('type Query { a: Int } type Subscription { moved: Int }');
    expect(() => validate(schema, parse('subscription ($y: Boolean!) { moved @include(if: $y) }'))).toThrow();
  });

  test('is searched in fragment cycles without end', () => {
    const query =
      'subscription { ...F } fragment F on Subscription { ...G } fragment G on Subscription { ...F }';
    expect(getCodes({ query })).toContain('GRAPHQL_VALIDATION_FAILED');
  });

  test('is allowed below the root and in queries', () => {
    expect(getCodes({ query: 'subscription { moved { id @skip(if: false) } }' })).toBeUndefined();
    expect(getCodes({ query: '{ thing @skip(if: true) { id } }' })).toBeUndefined();
  });
});

test('variables are coerced; invalid ones are rejected', () => {
  const query = 'subscription ($id: ID = 5, $n: [Int!]) { moved(id: $id, near: $n) { id } }';
  expect(executor.prepare({ query, variables: { n: 3 } })).toMatchObject({ variables: { id: '5', n: [3] } });
  expect(getCodes({ query, variables: { n: ['x'] } })).toEqual(['BAD_USER_INPUT']);
  expect(getCodes({ query: 'subscription ($s: Status!) { moved(status: $s) { id } }' })).toEqual([
    'BAD_USER_INPUT',
  ]);
});

test('queries and mutations have no subscription plan', () => {
  expect(executor.prepare({ query: 'mutation { touch }' })).toMatchObject({ variables: {} });
  expect(executor.prepare({ query: 'mutation { touch }' })).not.toHaveProperty('subscriptionPlan');
  expect(getCodes({ query: '{ thing { nope } }' })).toEqual(['GRAPHQL_VALIDATION_FAILED']);
});

test('an operation is planned once, until the cache evicts it', () => {
  const small = createTestExecutor(federation, sources, { maxCachedOperations: 2 });
  const plan = (alias: string) => {
    const prepared = prepareNow(small, { query: `subscription { ${alias}: moved { id } }` });
    return 'errors' in prepared ? undefined : prepared.subscriptionPlan;
  };
  const first = plan('a');
  expect(plan('a')).toBe(first);
  plan('b');
  plan('c');
  expect(plan('a')).not.toBe(first);
});

test('maxTokens rejects a long document', () => {
  const small = createTestExecutor(federation, sources, { maxTokens: 20 });
  expect(getCodes({ query: `{ ${'__typename '.repeat(20)} }` }, small)).toEqual(['OPERATION_TOO_COMPLEX']);
});

test('maxDepth and maxSelections reject an operation before validation', () => {
  const small = createTestExecutor(federation, sources, { maxDepth: 3, maxSelections: 6 });
  expect(getCodes({ query: '{ thing { size { width } } }' }, small)).toBeUndefined();
  expect(getCodes({ query: '{ thing { size { width { nope } } } }' }, small)).toEqual([
    'OPERATION_TOO_COMPLEX',
  ]);
  const fragments =
    'fragment A on Query { ...B a: notes ...B } fragment B on Query { b: notes c: notes d: notes }';
  expect(getCodes({ query: `{ ...B } ${fragments}` }, small)).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  expect(getCodes({ query: `{ ...A } ${fragments}` }, small)).toEqual(['OPERATION_TOO_COMPLEX']);
});

test('hideSuggestions removes names of the schema from messages', () => {
  const hidden = createTestExecutor(federation, sources, { hideSuggestions: true });
  const message = (preparingExecutor: typeof executor) => {
    const prepared = prepareNow(preparingExecutor, { query: '{ thin { id } }' });
    return 'errors' in prepared ? prepared.errors[0]?.message : undefined;
  };
  expect(message(executor)).toContain('thing');
  expect(message(hidden)).not.toContain('thing');
});

test('an operation that cannot be planned is logged', () => {
  const warn = vi.fn();
  getCodes(
    { query: 'subscription { caused { ... on Hand { side } } }' },
    createTestExecutor(federation, sources, { logger: { ...silentLogger, warn } }),
  );
  expect(warn).toHaveBeenCalledOnce();
});
