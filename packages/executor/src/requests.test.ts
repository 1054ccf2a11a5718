import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, test, vi } from 'vitest';
import type { Executor } from './executor.js';
import type { OperationContext } from './data-sources/data-source.js';
import { createFiniteSource, createTestExecutor, silentLogger } from './testing/test-executor.js';
import { createThingsFederation } from './testing/things-federation.js';

const federation = createThingsFederation();
const sources = {
  moved: { snapshot: '{ id name status }', ...createFiniteSource() },
  caused: { snapshot: '{ ... on Wind { speed } ... on Hand { who } }', ...createFiniteSource() },
};
const executor = createTestExecutor(federation, sources);

/** What is wrong with a request, as codes. */
const codes = (
  request: Parameters<Executor<OperationContext>['prepare']>[0],
  by = executor,
): unknown[] | undefined => {
  const prepared = by.prepare(request);
  return 'errors' in prepared ? prepared.errors.map(({ extensions }) => extensions['code']) : undefined;
};

test.each([
  ['a fault of syntax', '{ nope', 'GRAPHQL_PARSE_FAILED'],
  ['an unknown field', 'subscription { moved { nope } }', 'GRAPHQL_VALIDATION_FAILED'],
  ['two root fields', 'subscription { moved { id } seen { id } }', 'GRAPHQL_VALIDATION_FAILED'],
  ['a document without an operation', 'fragment F on Thing { id }', 'OPERATION_RESOLUTION_FAILURE'],
  [
    'several operations and no name',
    'query A { __typename } query B { __typename }',
    'OPERATION_RESOLUTION_FAILURE',
  ],
  ['a field without a source', 'subscription { unmapped }', 'SUBSCRIPTION_NOT_SUPPORTED'],
  [
    'what an event without a key lacks',
    'subscription { caused { ... on Hand { side } } }',
    'SUBSCRIPTION_NOT_SUPPORTED',
  ],
])('%s is refused', (_, query, code) => {
  expect(codes({ query })).toEqual([code]);
});

test('a name that no operation has is refused', () => {
  expect(codes({ query: 'query A { __typename }', operationName: 'B' })).toEqual([
    'OPERATION_RESOLUTION_FAILURE',
  ]);
});

describe('a condition at the root of a subscription', () => {
  test.each([
    ['on the field', 'subscription ($y: Boolean!) { moved @include(if: $y) { id } }'],
    ['that is constant', 'subscription { moved @skip(if: false) { id } }'],
    ['on an inline fragment', 'subscription ($y: Boolean!) { ... @skip(if: $y) { moved { id } } }'],
    [
      'on a spread',
      'subscription ($y: Boolean!) { ...F @include(if: $y) } fragment F on Subscription { moved { id } }',
    ],
    [
      'within a fragment',
      'subscription ($y: Boolean!) { ...F } fragment F on Subscription { moved @include(if: $y) { id } }',
    ],
  ])('%s is refused', (_, query) => {
    expect(codes({ query, variables: { y: true } })).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  });

  test('is what graphql-js cannot judge', () => {
    const schema = buildSchema('type Query { a: Int } type Subscription { moved: Int }');
    expect(() => validate(schema, parse('subscription ($y: Boolean!) { moved @include(if: $y) }'))).toThrow();
  });

  test('is found in fragments that spread each other in a circle', () => {
    const query =
      'subscription { ...F } fragment F on Subscription { ...G } fragment G on Subscription { ...F }';
    expect(codes({ query })).toContain('GRAPHQL_VALIDATION_FAILED');
  });

  test('is nothing to refuse further down, or in a query', () => {
    expect(codes({ query: 'subscription { moved { id @skip(if: false) } }' })).toBeUndefined();
    expect(codes({ query: '{ thing @skip(if: true) { id } }' })).toBeUndefined();
  });
});

test('variables are coerced, and bad ones told', () => {
  const query = 'subscription ($id: ID = 5, $n: [Int!]) { moved(id: $id, near: $n) { id } }';
  expect(executor.prepare({ query, variables: { n: 3 } })).toMatchObject({ variables: { id: '5', n: [3] } });
  expect(codes({ query, variables: { n: ['x'] } })).toEqual(['BAD_USER_INPUT']);
  expect(codes({ query: 'subscription ($s: Status!) { moved(status: $s) { id } }' })).toEqual([
    'BAD_USER_INPUT',
  ]);
});

test('queries and mutations are validated', () => {
  expect(executor.prepare({ query: 'mutation { touch }' })).toMatchObject({ variables: {} });
  expect(executor.prepare({ query: 'mutation { touch }' })).not.toHaveProperty('subscriptionPlan');
  expect(codes({ query: '{ thing { nope } }' })).toEqual(['GRAPHQL_VALIDATION_FAILED']);
});

test('an operation is planned once, and again when many others came between', () => {
  const small = createTestExecutor(federation, sources, { maxCachedOperations: 2 });
  const plan = (alias: string) => {
    const prepared = small.prepare({ query: `subscription { ${alias}: moved { id } }` });
    return 'errors' in prepared ? undefined : prepared.subscriptionPlan;
  };
  const first = plan('a');
  expect(plan('a')).toBe(first);
  plan('b');
  plan('c');
  expect(plan('a')).not.toBe(first);
});

test('a document over the limit is refused before it is read whole', () => {
  const small = createTestExecutor(federation, sources, { maxTokens: 20 });
  expect(codes({ query: `{ ${'__typename '.repeat(20)} }` }, small)).toEqual(['GRAPHQL_PARSE_FAILED']);
});

test('an operation that selects too much is refused before it is validated', () => {
  const small = createTestExecutor(federation, sources, { maxDepth: 3, maxSelections: 6 });
  expect(codes({ query: '{ thing { size { width } } }' }, small)).toBeUndefined();
  expect(codes({ query: '{ thing { size { width { nope } } } }' }, small)).toEqual(['OPERATION_TOO_COMPLEX']);
  const fragments =
    'fragment A on Query { ...B a: notes ...B } fragment B on Query { b: notes c: notes d: notes }';
  expect(codes({ query: `{ ...B } ${fragments}` }, small)).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  expect(codes({ query: `{ ...A } ${fragments}` }, small)).toEqual(['OPERATION_TOO_COMPLEX']);
});

test('messages name nothing that the caller did not write, where that is wished', () => {
  const hidden = createTestExecutor(federation, sources, { hideSuggestions: true });
  const message = (by: typeof executor) => {
    const prepared = by.prepare({ query: '{ thin { id } }' });
    return 'errors' in prepared ? prepared.errors[0]?.message : undefined;
  };
  expect(message(executor)).toContain('thing');
  expect(message(hidden)).not.toContain('thing');
});

test('what the planner cannot plan is in the log', () => {
  const error = vi.fn();
  codes(
    { query: 'subscription { caused { ... on Hand { side } } }' },
    createTestExecutor(federation, sources, { logger: { ...silentLogger, error } }),
  );
  expect(error).toHaveBeenCalledOnce();
});
