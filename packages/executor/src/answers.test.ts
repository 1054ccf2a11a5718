import { GraphQLError } from 'graphql';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import {
  collectSubscriptionResults,
  createFiniteSource,
  createTestExecutor,
  silentLogger,
} from './testing/test-executor.js';
import { createThingsFederation } from './testing/things-federation.js';

const PLAIN = '{ id name status }';
const EVENT = { id: '1', name: 'told', status: 'OPEN' };

const federation = createThingsFederation();
beforeEach(() => {
  federation.requests.length = 0;
});

interface Case {
  readonly snapshot?: string;
  readonly event?: unknown;
  readonly variables?: Record<string, unknown>;
}

/** The answer to one event. */
const answerTo = async (query: string, { snapshot = PLAIN, event = EVENT, variables = {} }: Case = {}) => {
  const executor = createTestExecutor(federation, { moved: { snapshot, ...createFiniteSource(event) } });
  const [answer] = await collectSubscriptionResults(executor, query, variables);
  return answer!;
};
const answer = (selection: string, more?: Case) => answerTo(`subscription { moved { ${selection} } }`, more);

const services = () => federation.requests.map(({ service }) => service);
const fetchedFrom = (service: string) =>
  federation.requests.filter((each) => each.service === service).map(({ query }) => query);

describe('what the event carries', () => {
  test('comes from the event: aliases, fragments, conditions', async () => {
    const query = `
      subscription ($yes: Boolean!) {
        moved { ID: id ...F a: name @include(if: $yes) b: name @skip(if: $yes) ... @include(if: $yes) { c: name } }
      }
      fragment F on Thing { status kind: __typename }`;
    expect(await answerTo(query, { variables: { yes: true } })).toEqual({
      data: { moved: { ID: '1', status: 'OPEN', kind: 'Thing', a: 'told', c: 'told' } },
    });
    expect(services()).toEqual([]);
  });

  test('may be of an interface or a union', async () => {
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
    expect(await answer(query, { snapshot, event })).toEqual({
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
    expect(services()).toEqual([]);
  });

  test('may be null, where it may', async () => {
    expect(await answer('id', { event: null })).toEqual({ data: { moved: null } });
  });
});

describe('what the event lacks', () => {
  test('is fetched from its owner, each field with arguments by its own', async () => {
    const result = await answerTo(
      'subscription ($l: String) { moved { name es: label(language: $l) en: label(language: "en") label } }',
      { variables: { l: 'es' } },
    );
    expect(result).toEqual({
      data: { moved: { name: 'told', es: '1 in es', en: '1 in en', label: '1 in any' } },
    });
    expect(services()).toEqual(['things']);
  });

  test('is fetched from other subgraphs', async () => {
    const event = {
      id: '1',
      parts: [
        { __typename: 'Lamp', id: 'l1' },
        { __typename: 'Bell', id: 'b1' },
      ],
    };
    const result = await answer('parts { ... on Lamp { stars } } stickers(first: 2) one: stickers', {
      snapshot: '{ id parts { id } }',
      event,
    });
    expect(result).toEqual({
      data: { moved: { parts: [{ stars: 4 }, {}], stickers: ['a', 'b'], one: ['a'] } },
    });
    expect(services()).toEqual(['notes', 'notes']);
  });

  test('and is required elsewhere, is told of the state of the event where the event has it', async () => {
    expect(await answer('status verdict')).toEqual({
      data: { moved: { status: 'OPEN', verdict: 'it is OPEN' } },
    });
    expect(services()).toEqual(['notes']);
  });

  test('and is required elsewhere, is fetched first', async () => {
    expect(await answer('id verdict', { snapshot: '{ id }' })).toEqual({
      data: { moved: { id: '1', verdict: 'it is CLOSED' } },
    });
    expect(services()).toEqual(['things', 'notes']);
  });

  test('of an entity in a list is laid on that entity, whatever the list has become', async () => {
    // The event's list is in another order than the subgraph's.
    const event = {
      id: '1',
      status: 'OPEN',
      parts: [
        { __typename: 'Lamp', id: 'l1' },
        { __typename: 'Bell', id: 'b1' },
      ],
    };
    const more = { snapshot: '{ id status parts { id } }', event };
    const expected = [
      { id: 'l1', watts: 5 },
      { id: 'b1', tone: 'low' },
    ];
    const each = await answer('parts { id ... on Lamp { watts } ... on Bell { tone } }', more);
    const sorted = (parts: unknown) =>
      (parts as { id: string }[]).toSorted((a, b) => b.id.localeCompare(a.id));
    expect(sorted((each.data?.['moved'] as { parts: unknown }).parts)).toEqual(expected);
    const besides = await answer('label parts { id ... on Lamp { watts } ... on Bell { tone } }', more);
    expect(sorted((besides.data?.['moved'] as { parts: unknown }).parts)).toEqual(expected);
  });

  test('of an object without a key is fetched with the whole object', async () => {
    const result = await answerTo(
      'subscription ($h: Boolean!) { moved { id size { w: width height @include(if: $h) area(scale: 2) } } }',
      {
        snapshot: '{ id size { width height } }',
        event: { id: '1', size: { width: 100, height: 100 } },
        variables: { h: true },
      },
    );
    expect(result).toEqual({ data: { moved: { id: '1', size: { w: 3, height: 3, area: 18 } } } });
    expect(fetchedFrom('things')).toHaveLength(1);
  });

  test('of an entity that is gone is null, and told', async () => {
    const result = await answer('id label promised', { event: { ...EVENT, id: 'gone' } });
    expect(result.data).toEqual({ moved: null });
    expect(result.errors?.[0]).toMatchObject({ path: ['moved', 'promised'] });
  });
});

describe('errors', () => {
  test('of a foreign field have its path, code and service', async () => {
    const result = await answer('id mended: broken');
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

  test('of a null where none may be reach up to the field that may be null', async () => {
    const result = await answer('id promised');
    expect(result.data).toEqual({ moved: null });
    expect(result.errors).toMatchObject([
      { path: ['moved', 'promised'], extensions: { serviceName: 'notes' } },
    ]);
  });

  test("of the event itself are told as the owner's", async () => {
    const result = await answer('id name', { event: { ...EVENT, name: null } });
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

  test('made for callers are told as they are, any other is masked and logged', async () => {
    const logged: unknown[] = [];
    const executor = createTestExecutor(
      federation,
      {
        moved: {
          snapshot: PLAIN,
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

  test('of a plan that fails are masked and logged', async () => {
    const logged: unknown[] = [];
    const executor = createTestExecutor(
      federation,
      { moved: { snapshot: PLAIN, ...createFiniteSource(EVENT) } },
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

  test('of data that is not what its schema says do not end the subscription', async () => {
    const part = { __typename: 'Lamp', id: 'l1' };
    const executor = createTestExecutor(
      federation,
      { moved: { snapshot: '{ id }', ...createFiniteSource({ id: '1' }, null) } },
      // A part where a list of them is due.
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

  test('take the form that the server gives them', async () => {
    const executor = createTestExecutor(
      federation,
      { moved: { snapshot: PLAIN, ...createFiniteSource(EVENT) } },
      { formatError: ({ message }) => ({ message: message.toUpperCase() }) },
    );
    const [only] = await collectSubscriptionResults(executor, 'subscription { moved { broken } }');
    expect(only?.errors).toEqual([{ message: 'THE GLUE HAS DRIED.' }]);
  });
});

test('two fields may carry different parts of the same types', async () => {
  const executor = createTestExecutor(federation, {
    moved: { snapshot: '{ id name }', ...createFiniteSource(EVENT) },
    seen: { snapshot: '{ id status }', ...createFiniteSource(EVENT) },
  });
  expect(await collectSubscriptionResults(executor, 'subscription { moved { name status } }')).toEqual([
    { data: { moved: { name: 'told', status: 'CLOSED' } } },
  ]);
  expect(await collectSubscriptionResults(executor, 'subscription { seen { name status } }')).toEqual([
    { data: { seen: { name: 'known', status: 'OPEN' } } },
  ]);
});

test('the source gets the arguments of the operation, defaults filled in', async () => {
  const nothing = createFiniteSource();
  const subscribe = vi.fn((...call: Parameters<typeof nothing.subscribe>) => nothing.subscribe(...call));
  const executor = createTestExecutor(federation, { moved: { snapshot: PLAIN, subscribe } });
  const query =
    'subscription ($id: ID, $s: Status) { ...F } fragment F on Subscription { moved(id: $id, status: $s) { id } }';
  await collectSubscriptionResults(executor, query, { id: 7, s: 'OPEN' });
  expect(subscribe.mock.calls[0]?.[0]).toEqual({ id: '7', near: [1], status: 'OPEN' });
});
