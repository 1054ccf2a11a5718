import { GraphQLError } from 'graphql';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import {
  collectSubscriptionResults,
  createFiniteSource,
  createTestExecutor,
  silentLogger,
} from './testing/test-executor.js';
import { createThingsFederation } from './testing/things-federation.js';

const SNAPSHOT = '{ id name status }';
const EVENT = { id: '1', name: 'from event', status: 'OPEN' };

const federation = createThingsFederation();
beforeEach(() => {
  federation.requests.length = 0;
});

interface SubscriptionCase {
  readonly snapshot?: string;
  readonly event?: unknown;
  readonly variables?: Record<string, unknown>;
}

/** Subscribes and returns the result of one event. */
const executeSubscription = async (
  query: string,
  { snapshot = SNAPSHOT, event = EVENT, variables = {} }: SubscriptionCase = {},
) => {
  const executor = createTestExecutor(federation, { moved: { snapshot, ...createFiniteSource(event) } });
  const [result] = await collectSubscriptionResults(executor, query, variables);
  return result!;
};
const executeMoved = (selection: string, options?: SubscriptionCase) =>
  executeSubscription(`subscription { moved { ${selection} } }`, options);

const listRequestedServices = () => federation.requests.map(({ service }) => service);
const listQueriesTo = (service: string) =>
  federation.requests.filter((request) => request.service === service).map(({ query }) => query);

describe('fields in the snapshot', () => {
  test('are read from the event, with aliases, fragments and conditions', async () => {
    const query = `
      subscription ($yes: Boolean!) {
        moved { ID: id ...F a: name @include(if: $yes) b: name @skip(if: $yes) ... @include(if: $yes) { c: name } }
      }
      fragment F on Thing { status kind: __typename }`;
    expect(await executeSubscription(query, { variables: { yes: true } })).toEqual({
      data: { moved: { ID: '1', status: 'OPEN', kind: 'Thing', a: 'from event', c: 'from event' } },
    });
    expect(listRequestedServices()).toEqual([]);
  });

  test('can have interface and union types', async () => {
    const snapshot =
      '{ id parts { id ... on Lamp { watts } ... on Bell { tone } } cause { ... on Wind { speed } ... on Hand { who } } }';
    const event = {
      id: '1',
      parts: [
        { __typename: 'Lamp', id: 'x', watts: 7 },
        { __typename: 'Bell', id: 'y', tone: 'shrill' },
      ],
      cause: { __typename: 'Wind', speed: 9 },
    };
    const query =
      'parts { id ... on Lamp { w: watts } ... on Bell { tone } } cause { ... on Wind { speed } __typename }';
    expect(await executeMoved(query, { snapshot, event })).toEqual({
      data: {
        moved: {
          parts: [
            { id: 'x', w: 7 },
            { id: 'y', tone: 'shrill' },
          ],
          cause: { speed: 9, __typename: 'Wind' },
        },
      },
    });
    expect(listRequestedServices()).toEqual([]);
  });

  test('can be null', async () => {
    expect(await executeMoved('id', { event: null })).toEqual({ data: { moved: null } });
  });
});

describe('fields outside the snapshot', () => {
  test('are fetched from the owner, with the arguments of each field', async () => {
    const result = await executeSubscription(
      'subscription ($l: String) { moved { name es: label(language: $l) en: label(language: "en") label } }',
      { variables: { l: 'es' } },
    );
    expect(result).toEqual({
      data: { moved: { name: 'from event', es: '1 in es', en: '1 in en', label: '1 in any' } },
    });
    expect(listRequestedServices()).toEqual(['things']);
  });

  test('are fetched from other subgraphs', async () => {
    const event = {
      id: '1',
      parts: [
        { __typename: 'Lamp', id: 'l1' },
        { __typename: 'Bell', id: 'b1' },
      ],
    };
    const result = await executeMoved('parts { ... on Lamp { stars } } stickers(first: 2) one: stickers', {
      snapshot: '{ id parts { id } }',
      event,
    });
    expect(result).toEqual({
      data: { moved: { parts: [{ stars: 4 }, {}], stickers: ['a', 'b'], one: ['a'] } },
    });
    expect(listRequestedServices()).toEqual(['notes']);
  });

  test('are computed from required values of the event if the event has them', async () => {
    expect(await executeMoved('status verdict')).toEqual({
      data: { moved: { status: 'OPEN', verdict: 'it is OPEN' } },
    });
    expect(listRequestedServices()).toEqual(['notes']);
  });

  test('are computed from required values that are fetched first if the event lacks them', async () => {
    expect(await executeMoved('id verdict', { snapshot: '{ id }' })).toEqual({
      data: { moved: { id: '1', verdict: 'it is CLOSED' } },
    });
    expect(listRequestedServices()).toEqual(['things', 'notes']);
  });

  test('of entities in a list are merged into the right entity if the list has changed since', async () => {
    // The event's list is in another order than the subgraph's.
    const event = {
      id: '1',
      status: 'OPEN',
      parts: [
        { __typename: 'Lamp', id: 'l1' },
        { __typename: 'Bell', id: 'b1' },
      ],
    };
    const options = { snapshot: '{ id status parts { id } }', event };
    const expected = [
      { id: 'l1', watts: 5 },
      { id: 'b1', tone: 'low' },
    ];
    const result = await executeMoved('parts { id ... on Lamp { watts } ... on Bell { tone } }', options);
    const sortParts = (parts: unknown) =>
      (parts as { id: string }[]).toSorted((a, b) => b.id.localeCompare(a.id));
    expect(sortParts((result.data?.['moved'] as { parts: unknown }).parts)).toEqual(expected);
    const withLabel = await executeMoved(
      'label parts { id ... on Lamp { watts } ... on Bell { tone } }',
      options,
    );
    expect(sortParts((withLabel.data?.['moved'] as { parts: unknown }).parts)).toEqual(expected);
  });

  test('of an object without a key are fetched together with the whole object', async () => {
    const result = await executeSubscription(
      'subscription ($h: Boolean!) { moved { id size { w: width height @include(if: $h) area(scale: 2) } } }',
      {
        snapshot: '{ id size { width height } }',
        event: { id: '1', size: { width: 100, height: 100 } },
        variables: { h: true },
      },
    );
    expect(result).toEqual({ data: { moved: { id: '1', size: { w: 3, height: 3, area: 18 } } } });
    expect(listQueriesTo('things')).toHaveLength(1);
  });

  test('of an entity that no longer exists are null, with an error', async () => {
    const result = await executeMoved('id label promised', { event: { ...EVENT, id: 'gone' } });
    expect(result.data).toEqual({ moved: null });
    expect(result.errors?.[0]).toMatchObject({ path: ['moved', 'promised'] });
  });
});

describe('errors', () => {
  test('of another subgraph have path, code and service', async () => {
    const result = await executeMoved('id mended: broken');
    expect(result).toEqual({
      data: { moved: { id: '1', mended: null } },
      errors: [
        {
          message: 'The glue has dried.',
          path: ['moved', 'mended'],
          extensions: { code: 'DRY', serviceName: 'notes' },
        },
      ],
    });
  });

  test('at a non-null field propagate null to the nearest nullable field', async () => {
    const result = await executeMoved('id promised');
    expect(result.data).toEqual({ moved: null });
    expect(result.errors).toMatchObject([
      { path: ['moved', 'promised'], extensions: { serviceName: 'notes' } },
    ]);
  });

  test('in an event name the subgraph that owns the field', async () => {
    const result = await executeMoved('id name', { event: { ...EVENT, name: null } });
    expect(result).toMatchObject({
      data: { moved: null },
      errors: [
        {
          message: 'Cannot return null for non-nullable field Thing.name.',
          path: ['moved', 'name'],
          extensions: { serviceName: 'things' },
        },
      ],
    });
  });

  test('with a code are sent to clients; others are masked and logged', async () => {
    const logged: unknown[] = [];
    const executor = createTestExecutor(
      federation,
      {
        moved: {
          snapshot: SNAPSHOT,
          ...createFiniteSource(
            new GraphQLError('Too loud.', { extensions: { code: 'LOUD' } }),
            Object.assign(new Error('Too soft.'), { extensions: { code: 'SOFT' } }),
            new Error('the password is 1234'),
            EVENT,
          ),
        },
      },
      { logger: { ...silentLogger, error: (details) => logged.push(details) } },
    );
    const all = await collectSubscriptionResults(executor, 'subscription { moved { id } }');
    expect(
      all.map(({ errors }) => errors?.map(({ message, extensions }) => [message, extensions?.['code']])),
    ).toEqual([
      [['Too loud.', 'LOUD']],
      [['Too soft.', 'SOFT']],
      [['Internal server error', 'INTERNAL_SERVER_ERROR']],
      undefined,
    ]);
    expect(JSON.stringify(all)).not.toContain('1234');
    expect(logged).toMatchObject([{ err: { message: 'the password is 1234' } }]);
  });

  test('of a failing data source are masked and logged', async () => {
    const logged: unknown[] = [];
    const executor = createTestExecutor(
      federation,
      { moved: { snapshot: SNAPSHOT, ...createFiniteSource(EVENT) } },
      {
        createDataSource: () => ({ fetch: () => Promise.reject(new Error('at http://things.test')) }),
        logger: { ...silentLogger, error: (details) => logged.push(details) },
      },
    );
    const [only] = await collectSubscriptionResults(executor, 'subscription { moved { id label } }');
    expect(only).toEqual({
      data: { moved: { id: '1', label: null } },
      errors: [
        {
          message: 'Internal server error',
          path: ['moved'],
          extensions: { code: 'INTERNAL_SERVER_ERROR', serviceName: 'things' },
        },
      ],
    });
    expect(logged).toHaveLength(1);
  });

  test('about invalid data do not end the subscription', async () => {
    const part = { __typename: 'Lamp', id: 'l1' };
    const executor = createTestExecutor(
      federation,
      { moved: { snapshot: '{ id }', ...createFiniteSource({ id: '1' }, null) } },
      // The schema expects a list.
      {
        createDataSource: () => ({
          fetch: () => Promise.resolve({ data: { _entities: [{ parts: part }] } }),
        }),
      },
    );
    expect(
      await collectSubscriptionResults(
        executor,
        'subscription { moved { parts { ... on Lamp { stars } } } }',
      ),
    ).toEqual([
      {
        data: { moved: { parts: null } },
        errors: [
          {
            message: 'A subgraph returned a value of the wrong type for Thing.parts.',
            path: ['moved', 'parts'],
            extensions: { code: 'SUBGRAPH_BAD_RESPONSE' },
          },
        ],
      },
      { data: { moved: null } },
    ]);
  });

  test('are formatted by formatError', async () => {
    const executor = createTestExecutor(
      federation,
      { moved: { snapshot: SNAPSHOT, ...createFiniteSource(EVENT) } },
      { formatError: ({ message }) => ({ message: message.toUpperCase() }) },
    );
    const [only] = await collectSubscriptionResults(executor, 'subscription { moved { broken } }');
    expect(only?.errors).toEqual([{ message: 'THE GLUE HAS DRIED.' }]);
  });
});

test('two subscription fields can have different snapshots of the same type', async () => {
  const executor = createTestExecutor(federation, {
    moved: { snapshot: '{ id name }', ...createFiniteSource(EVENT) },
    seen: { snapshot: '{ id status }', ...createFiniteSource(EVENT) },
  });
  expect(await collectSubscriptionResults(executor, 'subscription { moved { name status } }')).toEqual([
    { data: { moved: { name: 'from event', status: 'CLOSED' } } },
  ]);
  expect(await collectSubscriptionResults(executor, 'subscription { seen { name status } }')).toEqual([
    { data: { seen: { name: 'known', status: 'OPEN' } } },
  ]);
});

test('the source receives coerced arguments with defaults', async () => {
  const emptySource = createFiniteSource();
  const subscribe = vi.fn((...call: Parameters<typeof emptySource.subscribe>) =>
    emptySource.subscribe(...call),
  );
  const executor = createTestExecutor(federation, { moved: { snapshot: SNAPSHOT, subscribe } });
  const query =
    'subscription ($id: ID, $s: Status) { ...F } fragment F on Subscription { moved(id: $id, status: $s) { id } }';
  await collectSubscriptionResults(executor, query, { id: 7, s: 'OPEN' });
  expect(subscribe.mock.calls[0]?.[0]).toEqual({ id: '7', near: [1], status: 'OPEN' });
});
