import { describe, expect, test, vi } from 'vitest';
import { createTestExecutor, prepareNow, silentLogger } from './testing/test-executor.js';
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

describe('a field that no subgraph can resolve', () => {
  // No object type implements the interface, so that its fields in the other subgraph cannot be asked for.
  const withEmptyInterface = createTestFederation({
    first: {
      typeDefs: `
        type Query { nothing: Nothing notes: Int box: Box lid: Lid }
        type Box @key(fields: "id") { id: ID nothing: Nothing size: Int }
        type Lid @key(fields: "id") { id: ID }
        interface Nothing { id: ID }
      `,
    },
    second: {
      typeDefs: `
        type Query { other: Int }
        type Box @key(fields: "id") { id: ID price: Int }
        type Lid @key(fields: "id") { id: ID price: Int }
        interface Nothing { id: ID name: String }
      `,
    },
  });
  // Composition would reject it. Not every supergraph comes from a composition that validates it.
  const unvalidated = {
    ...withEmptyInterface,
    supergraphSdl: withEmptyInterface.supergraphSdl.replaceAll(
      '@join__type(graph: SECOND, key: "id")',
      '@join__type(graph: SECOND, key: "id", resolvable: false)',
    ),
  };

  test('does not affect operations without it', () => {
    const query = '{ notes nothing { id } box { size nothing { id } } }';
    expect(prepareNow(createTestExecutor(unvalidated), { query })).not.toHaveProperty('errors');
  });

  test.each([
    ['at the root', '{ notes nothing { name } }', 'Query.nothing', 9],
    ['below the root', '{ box { size nothing { name } } }', 'Box.nothing', 14],
    ['of an entity', '{ box { size cost: price } notes }', 'Box.price', 14],
    ['in a fragment', '{ box { ...Part } } fragment Part on Box { price }', 'Box.price', 44],
  ])('%s is an error that names it, not null', (_, query, field, column) => {
    expect(prepareNow(createTestExecutor(unvalidated), { query })).toMatchObject({
      errors: [
        {
          message: `No subgraph can resolve the field "${field}" where the operation selects it. Remove it from the operation.`,
          locations: [{ line: 1, column }],
          extensions: { code: 'OPERATION_NOT_RESOLVABLE' },
        },
      ],
    });
  });

  test('is named without a type if the operation selects it of several types', () => {
    expect(
      prepareNow(createTestExecutor(unvalidated), { query: '{ box { price } lid { price } }' }),
    ).toMatchObject({
      errors: [{ message: expect.stringContaining('field "price"') as string, locations: { length: 2 } }],
    });
  });

  test('is logged once', () => {
    const warn = vi.fn();
    const executorWithLog = createTestExecutor(unvalidated, {}, { logger: { ...silentLogger, warn } });
    const query = 'query Prices { box { price } }';
    const [first, second] = [prepareNow(executorWithLog, { query }), prepareNow(executorWithLog, { query })];
    expect(second).toEqual(first);
    expect(warn.mock.calls).toEqual([
      [
        { operation: 'Prices', reason: expect.stringContaining('options for price') as string },
        'no subgraph can resolve a field of an operation: correct the supergraph',
      ],
    ]);
  });
});
