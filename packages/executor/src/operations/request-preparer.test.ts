import { expect, test } from 'vitest';
import { createThingsFederation, silentLogger } from '../testing/things-federation.js';
import { loadSupergraph } from '../supergraph/load-supergraph.js';
import { createRequestPreparer } from './request-preparer.js';

const supergraph = loadSupergraph(createThingsFederation().supergraphSdl, {}, { maxEvaluatedPlans: 100 });
const preparer = () =>
  createRequestPreparer(supergraph, {
    maxTokens: 1_000,
    maxDepth: 10,
    maxSelections: 100,
    hideSuggestions: false,
    introspection: true,
    capacity: 10,
    logger: silentLogger,
  });
const query = 'query ($a: Boolean!, $b: Boolean!) { __typename @include(if: $a) thing @skip(if: $b) { id } }';

test('operations are planned again for the values that their conditions had', () => {
  const [before, after] = [preparer(), preparer()];
  before.prepare({ query, variables: { a: true, b: false } });
  before.prepare({ query: '{ thing { name } }' });
  before.prepare({ query, variables: { a: true, b: true } });
  const used = [
    { asked: { query: '{ thing { name } }' }, conditions: [{}] },
    {
      asked: { query },
      conditions: [
        { a: true, b: false },
        { a: true, b: true },
      ],
    },
  ];
  expect(before.recent(10)).toMatchObject(used);
  expect(before.recent(1)).toMatchObject(used.slice(1));
  for (const each of before.recent(10)) after.warm(each);
  expect(after.recent(10)).toMatchObject(used);
});
