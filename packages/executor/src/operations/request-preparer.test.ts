import { expect, test } from 'vitest';
import { createApolloQueryPlanner } from '../planning/apollo-query-planner.js';
import { loadSupergraph } from '../supergraph/load-supergraph.js';
import { parseSupergraph } from '../supergraph/supergraph-document.js';
import { silentLogger } from '../testing/test-executor.js';
import { createThingsFederation } from '../testing/things-federation.js';
import { createRequestPreparer } from './request-preparer.js';

const document = parseSupergraph(createThingsFederation().supergraphSdl);
const queryPlanner = createApolloQueryPlanner({
  supergraph: document,
  eventSources: {},
  maxEvaluatedPlans: 100,
});
const supergraph = loadSupergraph(document, queryPlanner);
const createPreparer = (maxCachedOperations = 10) =>
  createRequestPreparer(supergraph, queryPlanner, {
    maxTokens: 1_000,
    maxDepth: 10,
    maxSelections: 100,
    hideSuggestions: false,
    introspection: true,
    maxCachedOperations,
    logger: silentLogger,
  });
const query = 'query ($a: Boolean!, $b: Boolean!) { __typename @include(if: $a) thing @skip(if: $b) { id } }';

test('warm plans the operations of another preparer for the same condition values', () => {
  const [before, after] = [createPreparer(), createPreparer()];
  before.prepare({ query, variables: { a: true, b: false } });
  before.prepare({ query: '{ thing { name } }' });
  before.prepare({ query, variables: { a: true, b: true } });
  const operations = [
    { request: { query: '{ thing { name } }' }, conditionValues: [{}] },
    {
      request: { query },
      conditionValues: [
        { a: true, b: false },
        { a: true, b: true },
      ],
    },
  ];
  expect(before.listRecentOperations(10)).toMatchObject(operations);
  expect(before.listRecentOperations(1)).toMatchObject(operations.slice(1));
  for (const operation of before.listRecentOperations(10)) after.warm(operation);
  expect(after.listRecentOperations(10)).toMatchObject(operations);
});

test('a full cache evicts the least recently used operation', () => {
  const preparer = createPreparer(2);
  const [first, second, third] = ['{ thing { id } }', '{ thing { name } }', '{ thing { label } }'];
  for (const each of [first, second, first, third, third]) preparer.prepare({ query: each });
  const cached = preparer.listRecentOperations(10).map(({ request }) => request.query);
  expect(cached).toEqual([first, third]);
  expect(preparer.listRecentOperations(0)).toEqual([]);
});
