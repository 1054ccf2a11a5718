import { expect, test } from 'vitest';
import { createTestExecutor, prepareNow } from './testing/test-executor.js';
import { createTestFederation } from './testing/test-federation.js';
import { createThingsFederation } from './testing/things-federation.js';

const executor = createTestExecutor(createThingsFederation());

const execute = async (query: string, variables: Record<string, unknown> = {}) => {
  const prepared = prepareNow(executor, { query, variables });
  if ('errors' in prepared) throw new AggregateError(prepared.errors, prepared.errors.join('\n'));
  return JSON.parse(JSON.stringify(await executor.execute(prepared, {}))) as unknown;
};

test('a query fetches from two subgraphs', async () => {
  expect(await execute('{ all: things { verdict id } }')).toEqual({
    data: {
      all: [
        { verdict: 'it is CLOSED', id: '1' },
        { verdict: 'it is OPEN', id: '2' },
      ],
    },
  });
});

test('a mutation is executed', async () => {
  expect(await execute('mutation { touch }')).toEqual({ data: { touch: true } });
});

test('introspection can be combined with fields of subgraphs', async () => {
  expect(await execute('query ($n: String!) { notes __type(name: $n) { name } }', { n: 'Thing' })).toEqual({
    data: { notes: 7, __type: { name: 'Thing' } },
  });
});

test('fields of the introspection system that the planner does not know are resolved', async () => {
  expect(await execute('{ __type(name: "Thing") { isOneOf } }')).toEqual({
    data: { __type: { isOneOf: null } },
  });
  expect(await execute('{ notes ... { __schema { directives { isRepeatable } } } }')).toMatchObject({
    data: {
      notes: 7,
      __schema: { directives: expect.arrayContaining([{ isRepeatable: false }]) as unknown },
    },
  });
});

test('fields behind @defer are in the response with all others', async () => {
  const query = `query ($late: Boolean) {
    things { ... @defer(label: "notes") { broken } ...Id @defer(if: $late) } ... @defer { notes }
  }
  fragment Id on Thing { id }`;
  expect(await execute(query, { late: true })).toMatchObject({
    data: { notes: 7, things: [{ broken: null, id: expect.any(String) as string }, {}] },
  });
  expect(await execute('{ __schema { directives { name } } }')).toMatchObject({
    data: { __schema: { directives: expect.arrayContaining([{ name: 'defer' }]) as unknown } },
  });
});

test('@stream is rejected by name', () => {
  expect(executor.prepare({ query: '{ things @stream(initialCount: 1) { id } }' })).toMatchObject({
    errors: [
      {
        message: expect.stringContaining('The directive @stream is not supported') as string,
        locations: [{ line: 1, column: 10 }],
        extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
      },
    ],
  });
});

test('an error of a subgraph has path, code and service', async () => {
  expect(await execute('{ things { mended: broken } }')).toMatchObject({
    data: { things: [{ mended: null }, { mended: null }] },
    errors: [
      { path: ['things', 0, 'mended'], extensions: { code: 'DRY', serviceName: 'notes' } },
      { path: ['things', 1, 'mended'], extensions: { code: 'DRY', serviceName: 'notes' } },
    ],
  });
});

test('introspection is rejected if it is disabled', () => {
  const hidden = createTestExecutor(createThingsFederation(), {}, { introspection: false });
  expect(hidden.prepare({ query: '{ notes __typename }' })).not.toHaveProperty('errors');
  expect(hidden.prepare({ query: '{ notes __schema { __typename } }' })).toMatchObject({
    errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
  });
});

test('a root field that no subgraph can resolve is an error, not null', () => {
  // No object type implements the interface, so no subgraph can be asked for its fields in the other one.
  const withEmptyInterface = createTestExecutor(
    createTestFederation({
      first: { typeDefs: 'type Query { nothing: Nothing notes: Int } interface Nothing { id: ID }' },
      second: { typeDefs: 'type Query { other: Int } interface Nothing { id: ID name: String }' },
    }),
  );
  expect(prepareNow(withEmptyInterface, { query: '{ notes nothing { id } }' })).not.toHaveProperty('errors');
  expect(prepareNow(withEmptyInterface, { query: '{ notes nothing { name } }' })).toMatchObject({
    errors: [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
  });
});
