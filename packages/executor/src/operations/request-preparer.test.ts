import { print } from 'graphql';
import { expect, test, vi } from 'vitest';
import { loadSupergraph } from '../supergraph/load-supergraph.js';
import { parseSupergraph } from '../supergraph/supergraph-document.js';
import { createLocalPlanner, prepareNow, silentLogger } from '../testing/test-executor.js';
import { createTestFederation } from '../testing/test-federation.js';
import { createThingsFederation } from '../testing/things-federation.js';
import { resolveOperationLimits } from './operation-limits.js';
import { createRequestPreparer, type RequestPreparerOptions } from './request-preparer.js';

const { supergraphSdl } = createThingsFederation();
const document = parseSupergraph(supergraphSdl);
const queryPlanner = createLocalPlanner(supergraphSdl);
const supergraph = loadSupergraph(document, queryPlanner);
const createPreparerOptions = (maxCachedOperations = 10): RequestPreparerOptions => ({
  ...resolveOperationLimits({}),
  hideSuggestions: false,
  introspection: true,
  maxCachedOperations,
  logger: silentLogger,
});
const createPreparer = (maxCachedOperations?: number) =>
  createRequestPreparer(supergraph, queryPlanner, createPreparerOptions(maxCachedOperations));
const query = 'query ($a: Boolean!, $b: Boolean!) { __typename @include(if: $a) thing @skip(if: $b) { id } }';

test('warm plans the operations of another preparer for the same condition values', async () => {
  const [before, after] = [createPreparer(), createPreparer()];
  void before.prepare({ query, variables: { a: true, b: false } });
  void before.prepare({ query: '{ thing { name } }' });
  void before.prepare({ query, variables: { a: true, b: true } });
  const operations = [
    {
      request: { query: '{ thing { name } }' },
      variants: [{ conditionValues: {}, unmetRequirements: [] }],
    },
    {
      request: { query },
      variants: [
        { conditionValues: { a: true, b: false }, unmetRequirements: [] },
        { conditionValues: { a: true, b: true }, unmetRequirements: [] },
      ],
    },
  ];
  expect(before.listRecentOperations(10)).toMatchObject(operations);
  expect(before.listRecentOperations(1)).toMatchObject(operations.slice(1));
  await after.warm(before.listRecentOperations(10), 60_000);
  expect(after.listRecentOperations(10)).toMatchObject(operations);
});

test('warm plans the most recently used operations first, and ends after its time limit', async () => {
  const queries = ['{ thing { id } }', '{ thing { name } }', '{ thing { label } }'];
  const planned: string[] = [];
  const before = createPreparer();
  for (const each of queries) void before.prepare({ query: each });
  const now = vi.spyOn(performance, 'now');
  const after = createRequestPreparer(
    supergraph,
    {
      ...queryPlanner,
      planOperation(operation, caller) {
        planned.push(print(operation.document).replaceAll(/\s+/g, ' '));
        // Each plan takes 400 ms.
        now.mockReturnValue(planned.length * 400);
        return queryPlanner.planOperation(operation, caller);
      },
    },
    createPreparerOptions(),
  );
  now.mockReturnValue(0);
  await after.warm(before.listRecentOperations(10), 500);
  now.mockRestore();
  expect(planned).toEqual([queries[2], queries[1]]);
  expect(after.listRecentOperations(10).map(({ request }) => request.query)).toEqual(queries.slice(1));
});

test('a full cache evicts the least recently used operation', () => {
  const preparer = createPreparer(2);
  const [first, second, third] = ['{ thing { id } }', '{ thing { name } }', '{ thing { label } }'];
  for (const each of [first, second, first, third, third]) void preparer.prepare({ query: each });
  const cached = preparer.listRecentOperations(10).map(({ request }) => request.query);
  expect(cached).toEqual([first, third]);
  expect(preparer.listRecentOperations(0)).toEqual([]);
});

test('an operation is authorized after its validation and before it is planned', () => {
  let plannedCount = 0;
  const preparer = createRequestPreparer(
    supergraph,
    {
      ...queryPlanner,
      planOperation(input, caller) {
        plannedCount += 1;
        return queryPlanner.planOperation(input, caller);
      },
    },
    {
      ...resolveOperationLimits({}),
      hideSuggestions: false,
      introspection: true,
      maxCachedOperations: 10,
      logger: silentLogger,
    },
  );
  const request = { query: '{ thing { id } }' };
  const refuse = () => {
    throw new Error('not allowed');
  };
  expect(() => preparer.prepare(request, { authorize: refuse })).toThrow('not allowed');
  expect(plannedCount).toBe(0);
  const costs: number[] = [];
  void preparer.prepare(request, { authorize: (operation) => void costs.push(operation.estimateCost()) });
  expect(costs).toStrictEqual([1]);
  expect(plannedCount).toBe(1);
  expect(preparer.prepare({ query: '{ nope }' }, { authorize: refuse })).toHaveProperty('errors');
});

test('a cached document keeps no token of its text, comments included', () => {
  const preparer = createPreparer();
  const prepared = prepareNow(preparer, { query: `{ ${'# comment\n'.repeat(1_000)} thing { id } }` });
  if ('errors' in prepared) throw new Error('rejected');
  const [operation] = prepared.document.definitions;
  expect(Object.keys(operation?.loc ?? {})).toStrictEqual(['start', 'end', 'source']);
});

test('the size of a cached operation grows with its plans', () => {
  const variables = (n: number) => ({ a: n % 2 === 0, b: n >= 2 });
  const countCached = (maxCachedBytes: number, planCount: number) => {
    const preparer = createRequestPreparer(supergraph, queryPlanner, {
      ...createPreparerOptions(),
      maxCachedBytes,
    });
    void preparer.prepare({ query: '{ thing { id } }' });
    for (let n = 0; n < planCount; n += 1) void preparer.prepare({ query, variables: variables(n) });
    return preparer.listRecentOperations(10).length;
  };
  expect(countCached(50_000, 1)).toBe(2);
  expect(countCached(50_000, 4)).toBe(1);
  expect(countCached(500_000, 4)).toBe(2);
});

test('the cost of an operation differs for null and for no value', () => {
  const federation = createTestFederation({
    shop: {
      typeDefs: `
        type Query { items(first: Int = 20): [Item] @federation__listSize(slicingArguments: ["first"], assumedSize: 5, requireOneSlicingArgument: false) }
        type Item { id: ID }`,
    },
  });
  const planner = createLocalPlanner(federation.supergraphSdl);
  const preparer = createRequestPreparer(
    loadSupergraph(parseSupergraph(federation.supergraphSdl), planner),
    planner,
    createPreparerOptions(),
  );
  const getCost = (variables: Record<string, unknown>) => {
    const prepared = prepareNow(preparer, {
      query: 'query ($first: Int) { items(first: $first) { id } }',
      variables,
    });
    if ('errors' in prepared) throw new AggregateError(prepared.errors);
    return prepared.estimateCost();
  };
  expect([getCost({}), getCost({ first: null }), getCost({}), getCost({ first: 3 })]).toEqual([20, 5, 20, 3]);
});

test('root fields are authorized before validation, also of a document that is known to be invalid', () => {
  const preparer = createPreparer();
  const rootFields: (readonly string[])[] = [];
  const client = { authorizeRootFields: (names: readonly string[]) => void rootFields.push(names) };
  const refused = {
    authorizeRootFields() {
      throw new Error('not allowed');
    },
  };
  const invalid = { query: '{ a: nope ...F } fragment F on Query { thing { id } }' };
  expect(() => preparer.prepare(invalid, refused)).toThrow('not allowed');
  const first = prepareNow(preparer, invalid);
  expect(first).toMatchObject({
    errors: [{ locations: [{ line: 1, column: 3 }], extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
  });
  // The same errors: the document is not validated again.
  expect(prepareNow(preparer, invalid)).toBe(first);
  expect(() => preparer.prepare(invalid, refused)).toThrow('not allowed');
  void preparer.prepare(invalid, client);
  void preparer.prepare({ query: '{ thing { id } }' }, client);
  expect(rootFields).toEqual([['nope', 'thing'], ['thing']]);
});

test('a rejected document is not kept in memory with its errors', () => {
  const prepared = prepareNow(createPreparer(), { query: `{ ${'nope '.repeat(20)} ${'x'.repeat(900)} }` });
  if (!('errors' in prepared)) throw new Error('accepted');
  expect(prepared.errors.length).toBeGreaterThan(1);
  for (const error of prepared.errors) {
    expect([error.nodes, error.source, error.positions]).toEqual([undefined, undefined, undefined]);
    expect(error.locations).toHaveLength(1);
    expect(error.message.length).toBeLessThanOrEqual(1_001);
  }
});
