import { afterEach, describe, expect, test } from 'vitest';
import { SubgraphSubscriptionError, type SubgraphResponse } from './data-sources/data-source.js';
import type { ClientAccess } from './shared/client-access.js';
import { createNewsFederation } from './testing/news-federation.js';
import { createTestFederation } from './testing/test-federation.js';
import {
  createFiniteSource,
  createRecordingSubscriber,
  createTestExecutor,
  prepareNow,
  silentLogger,
} from './testing/test-executor.js';
import { waitUntil } from './testing/wait-until.js';

const ARTICLE = { id: '1', title: 'Rain', reads: 7 };

interface Caller {
  readonly key?: string | undefined;
  readonly variables?: Record<string, unknown>;
}

const federation = createNewsFederation();
const { streams, requests, subscriptions } = federation;
afterEach(() => {
  streams.end();
  for (const recorded of [requests, subscriptions, streams.openedWith]) recorded.length = 0;
});

function setUp(
  sources?: Parameters<typeof createTestExecutor>[1],
  options?: Parameters<typeof createTestExecutor>[2],
) {
  const executor = createTestExecutor(federation, sources, options);
  const subscribe = (query: string, { key = 'ana', variables = {} }: Caller = {}) => {
    const prepared = prepareNow(executor, { query, variables });
    if ('errors' in prepared) throw new AggregateError(prepared.errors);
    const recording = createRecordingSubscriber();
    const context = { authorizationKey: key, headers: () => ({ caller: key }) };
    return { ...recording, ...executor.subscribe(prepared, context, recording.subscriber) };
  };
  /** Subscribes and returns the result of one event. */
  const executeEvent = async (query: string, event: Parameters<typeof streams.push>[0] = ARTICLE) => {
    const { results, ended } = subscribe(query);
    await waitUntil(() => streams.openCount > 0);
    streams.push(event);
    streams.end();
    await ended;
    return results[0];
  };
  return { executor, subscribe, executeEvent };
}

describe('a subscription field without a source of events', () => {
  test('gets its events from its subgraph, with arguments, aliases and fragments', async () => {
    const { subscribe } = setUp();
    const query = `subscription News($topic: String!, $no: Boolean!) {
      item: published(topic: $topic) { ...F title @include(if: $no) }
    }
    fragment F on Item { __typename id ... on Article { reads name: title } }`;
    const { results, ended } = subscribe(query, { variables: { topic: 'sport', no: false } });
    await waitUntil(() => streams.openCount === 1);
    streams.push(ARTICLE);
    streams.push({ __typename: 'Notice', id: '2' });
    streams.end();
    expect(await ended).toEqual({});
    expect(results).toEqual([
      { data: { item: { __typename: 'Article', id: '1', reads: 7, name: 'Rain' } } },
      { data: { item: { __typename: 'Notice', id: '2' } } },
    ]);
    expect(streams.openedWith).toEqual([{ topic: 'sport' }]);
    expect(subscriptions).toMatchObject([{ variables: '{"topic":"sport"}', headers: { caller: 'ana' } }]);
    expect(requests).toEqual([]);
  });

  test('is listed; a field of a subgraph without subscriptions is rejected before it is planned', () => {
    const { executor } = setUp();
    expect(executor.subscriptionFields).toEqual(['published', 'latest']);
    const without = createTestExecutor(
      federation,
      {},
      {
        createDataSource: () => ({ fetch: () => Promise.reject(new Error('not asked')) }),
      },
    );
    expect(without.subscriptionFields).toEqual([]);
    expect(prepareNow(without, { query: 'subscription { latest { id } }' })).toMatchObject({
      errors: [{ extensions: { code: 'SUBSCRIPTION_NOT_SUPPORTED' } }],
    });
  });

  test('a source of events takes precedence over the subgraph', async () => {
    const { subscribe } = setUp({
      latest: createFiniteSource({ id: '5', title: 'from the source' }),
    });
    const { results, ended } = subscribe('subscription { latest { title } }');
    await ended;
    expect(results).toEqual([{ data: { latest: { title: 'from the source' } } }]);
    expect(subscriptions).toEqual([]);
  });
});

describe('fields of other subgraphs', () => {
  test('are fetched for each event, and the subgraph of the event sees none of them', async () => {
    const { executeEvent } = setUp();
    const query = 'subscription { latest { title stars(scale: 2) verdict } }';
    expect(await executeEvent(query)).toEqual({
      data: { latest: { title: 'Rain', stars: 8, verdict: 'Rain: good' } },
    });
    expect(requests.map(({ service }) => service)).toEqual(['reviews']);
    expect(subscriptions[0]?.query).not.toMatch(/stars|verdict/);
  });

  test('are fetched for the values of the event, also if the client does not select the required ones', async () => {
    const { executeEvent } = setUp();
    expect(await executeEvent('subscription { latest { verdict } }')).toEqual({
      data: { latest: { verdict: 'Rain: good' } },
    });
  });
});

describe('errors', () => {
  test('of an event have path, code and the name of the subgraph, and the subscription goes on', async () => {
    const { subscribe } = setUp();
    const { results, ended } = subscribe('subscription { published { id n: title } }');
    await waitUntil(() => streams.openCount === 1);
    streams.push(new Error('The press is broken.'));
    streams.push(ARTICLE);
    streams.end();
    await ended;
    expect(results).toEqual([
      {
        data: { published: null },
        errors: [
          {
            message: 'The press is broken.',
            path: ['published'],
            extensions: { code: 'DOWNSTREAM_SERVICE_ERROR', serviceName: 'news' },
          },
        ],
      },
      { data: { published: { id: '1', n: 'Rain' } } },
    ]);
  });

  test('with which the subgraph rejects the subscription end it', async () => {
    const executor = createTestExecutor(
      federation,
      {},
      {
        createDataSource: (subgraph) => ({
          ...federation.dataSource(subgraph),
          async *subscribe() {
            yield* await Promise.reject<SubgraphResponse[]>(
              new SubgraphSubscriptionError([
                { message: 'No such topic.', extensions: { code: 'NO_TOPIC', http: { status: 500 } } },
                { message: 'Nor such a country.' },
              ]),
            );
          },
        }),
        formatError: (error) => ({ ...error.toJSON(), message: error.message.toUpperCase() }),
      },
    );
    const prepared = prepareNow(executor, { query: 'subscription { mine: latest { id } }' });
    if ('errors' in prepared) throw new AggregateError(prepared.errors);
    const { subscriber, ended, results } = createRecordingSubscriber();
    executor.subscribe(prepared, {}, subscriber);
    expect(await ended).toEqual({
      errors: [
        {
          message: 'NO SUCH TOPIC.',
          path: ['mine'],
          extensions: { code: 'NO_TOPIC', serviceName: 'news' },
        },
        {
          message: 'NOR SUCH A COUNTRY.',
          path: ['mine'],
          extensions: { code: 'DOWNSTREAM_SERVICE_ERROR', serviceName: 'news' },
        },
      ],
    });
    expect(results).toEqual([]);
  });

  test('of the data source itself are masked and logged', async () => {
    const logged: unknown[] = [];
    const executor = createTestExecutor(
      federation,
      {},
      {
        createDataSource: (subgraph) => ({
          ...federation.dataSource(subgraph),
          subscribe() {
            throw new Error('at http://news.test');
          },
        }),
        logger: { ...silentLogger, error: (details) => logged.push(details) },
      },
    );
    const prepared = prepareNow(executor, { query: 'subscription { latest { id } }' });
    if ('errors' in prepared) throw new AggregateError(prepared.errors);
    const { subscriber, ended } = createRecordingSubscriber();
    executor.subscribe(prepared, {}, subscriber);
    expect(await ended).toMatchObject({ errors: [{ message: 'Internal server error' }] });
    expect(logged).toMatchObject([{ err: { message: 'at http://news.test' }, field: 'latest' }]);
  });
});

describe('sharing', () => {
  test('equal operations of equal callers have one subscription at the subgraph, until the last one leaves', async () => {
    const { subscribe } = setUp();
    const query =
      'subscription ($topic: String) { published(topic: $topic) { ... on Article { title stars } } }';
    const sport = { variables: { topic: 'sport' } };
    const same = [subscribe(query, sport), subscribe(query, sport)];
    const others = [
      subscribe(query, { ...sport, key: 'bob' }),
      subscribe(query, { variables: { topic: 'art' } }),
    ];
    await waitUntil(() => streams.openCount === 3);
    expect(subscriptions.map(({ variables, headers }) => [variables, headers])).toEqual([
      ['{"topic":"sport"}', { caller: 'ana' }],
      ['{"topic":"sport"}', { caller: 'bob' }],
      ['{"topic":"art"}', { caller: 'ana' }],
    ]);
    streams.push(ARTICLE);
    await waitUntil(() => [...same, ...others].every(({ results }) => results.length === 1));
    expect(same[0]?.payloads[0]).toBe(same[1]?.payloads[0]);
    expect(requests).toHaveLength(3);
    same[0]?.unsubscribe();
    others.forEach((other) => other.unsubscribe());
    await waitUntil(() => streams.openCount === 1);
    streams.push(ARTICLE);
    await waitUntil(() => same[1]?.results.length === 2);
    same[1]?.unsubscribe();
    await waitUntil(() => streams.openCount === 0);
  });

  test('subscribers without an authorization key share nothing', async () => {
    const { executor } = setUp();
    const prepared = prepareNow(executor, { query: 'subscription { latest { id } }' });
    if ('errors' in prepared) throw new AggregateError(prepared.errors);
    executor.subscribe(prepared, {}, createRecordingSubscriber().subscriber);
    executor.subscribe(prepared, {}, createRecordingSubscriber().subscriber);
    await waitUntil(() => streams.openCount === 2);
  });
});

describe('a reload of the supergraph', () => {
  /** The supergraph with other URLs or fields. */
  const replace = (sdl: string, from: string, to: string) => {
    expect(sdl).toContain(from);
    return sdl.replace(from, to);
  };

  test('leaves a subscription running if its subgraph and its part of the plan are the same', async () => {
    const { executor, subscribe } = setUp();
    const { results } = subscribe('subscription { latest { title stars } }');
    await waitUntil(() => streams.openCount === 1);
    await executor.reload(replace(federation.supergraphSdl, 'http://reviews.test', 'http://other.test'));
    streams.push(ARTICLE);
    await waitUntil(() => results.length === 1);
    expect(results).toEqual([{ data: { latest: { title: 'Rain', stars: 4 } } }]);
    expect(streams.openedWith).toHaveLength(1);
  });

  test('ends a subscription whose subgraph has another URL', async () => {
    const { executor, subscribe } = setUp();
    const { ended } = subscribe('subscription { latest { title } }');
    await waitUntil(() => streams.openCount === 1);
    await executor.reload(replace(federation.supergraphSdl, 'http://news.test', 'http://other.test'));
    expect(await ended).toMatchObject({ errors: [{ extensions: { code: 'SUBSCRIPTION_SCHEMA_RELOAD' } }] });
    await waitUntil(() => streams.openCount === 0);
  });

  test('ends a subscription whose subgraph has to be asked for other fields', async () => {
    const { executor, subscribe } = setUp();
    const { ended } = subscribe('subscription { latest { stars } }');
    await waitUntil(() => streams.openCount === 1);
    // Another key leads to the subgraph that has the stars.
    const other = createTestFederation({
      news: {
        typeDefs: `
          type Article @key(fields: "title") { id: ID! title: String }
          type Query { news: Int }
          type Subscription { latest: Article! }`,
      },
      reviews: {
        typeDefs: 'type Article @key(fields: "title") { title: String stars(scale: Int! = 1): Int }',
      },
    });
    expect(other.supergraphSdl).not.toBe(federation.supergraphSdl);
    await executor.reload(other.supergraphSdl);
    expect(await ended).toMatchObject({ errors: [{ extensions: { code: 'SUBSCRIPTION_SCHEMA_RELOAD' } }] });
  });
});

describe('authorization directives', () => {
  const setUpGuarded = () => {
    const federation = createTestFederation({
      news: {
        typeDefs: `
          type Article @key(fields: "id") { id: ID! title: String draft: String @requiresScopes(scopes: [["read:draft"]]) }
          type Query { news: Int }
          type Subscription { latest: Article secret: Article @authenticated }`,
      },
    });
    const queries: string[] = [];
    const executor = createTestExecutor(
      federation,
      {},
      {
        authorization: { logErrors: false },
        createDataSource: (subgraph) => ({
          ...federation.dataSource(subgraph),
          async *subscribe({ operation: { query } }) {
            queries.push(query);
            await Promise.resolve();
            yield { data: { latest: { title: 'Rain', draft: 'Snow' } } };
          },
        }),
      },
    );
    const subscribe = (query: string, access?: ClientAccess) => {
      const prepared = prepareNow(executor, { query }, { access });
      const recording = createRecordingSubscriber();
      if (!('errors' in prepared)) executor.subscribe(prepared, {}, recording.subscriber);
      return { ...recording, rejected: 'errors' in prepared ? prepared.errors : undefined };
    };
    return { subscribe, queries };
  };

  test('a field that the client may not access is not asked of the subgraph', async () => {
    const { subscribe, queries } = setUpGuarded();
    const { results, ended } = subscribe('subscription { latest { title draft } }');
    await ended;
    expect(queries).toHaveLength(1);
    expect(queries[0]).not.toContain('draft');
    expect(results).toMatchObject([
      {
        data: { latest: { title: 'Rain', draft: null } },
        errors: [{ path: ['latest', 'draft'], extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' } }],
      },
    ]);
  });

  test('the subscription field itself is rejected before the subgraph is asked', async () => {
    const { subscribe, queries } = setUpGuarded();
    expect(subscribe('subscription { secret { title } }').rejected).toMatchObject([
      { path: ['secret'], extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' } },
    ]);
    expect(queries).toEqual([]);
    await subscribe('subscription { secret { title } }', { isAuthenticated: true }).ended;
    expect(queries).toHaveLength(1);
  });
});
