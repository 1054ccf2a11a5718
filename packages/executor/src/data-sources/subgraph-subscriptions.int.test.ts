import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createNewsSubgraph } from '../testing/news-federation.js';
import { startSubscriptionServer, type SubscriptionServer } from '../testing/subscription-server.js';
import { silentLogger } from '../testing/test-executor.js';
import { waitUntil } from '../testing/wait-until.js';
import { createSubgraphOperation, SubgraphSubscriptionError, type SubgraphResponse } from './data-source.js';
import { createDataSource } from './http-data-source.js';
import type { InstanceCheckOptions } from './instance-check.js';
import type { SubgraphSubscriptionOptions } from './subgraph-subscriptions.js';

const { subgraph, streams } = createNewsSubgraph();
const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';
let server: SubscriptionServer;
/** Another instance of the same subgraph. */
let otherServer: SubscriptionServer;
const running: { close(): Promise<unknown> }[] = [];

beforeAll(async () => {
  const { typeDefs, resolvers = {} } = subgraph;
  const schema = buildSubgraphSchema([{ typeDefs: parse(`${LINK}\n${typeDefs}`), resolvers }]);
  server = await startSubscriptionServer(schema);
  otherServer = await startSubscriptionServer(schema);
});
afterAll(() => Promise.all([server.stop(), otherServer.stop()]));
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.close()));
  await waitUntil(() => streams.openCount === 0 && server.socketCount === 0);
  server.received.length = otherServer.received.length = streams.openedWith.length = 0;
  token = 'ana';
  server.respond = otherServer.respond = server.upgradeStatus = server.refusal = undefined;
});

/** The token of the caller. */
let token = 'ana';

/** Short delays, so that a test of a restart takes little time. */
const FAST: Partial<SubgraphSubscriptionOptions> = { firstDelayMs: 20, maxDelayMs: 40 };

const createSource = (
  protocol: 'graphql-ws' | 'sse',
  options: Partial<SubgraphSubscriptionOptions> = {},
  url: string | readonly string[] = server.url,
  instanceChecks: InstanceCheckOptions = {},
) => {
  const logged: unknown[] = [];
  const log = (details: unknown) => void logged.push(details);
  const source = createDataSource({
    name: 'news',
    url,
    instanceChecks,
    logger: { ...silentLogger, info: log, warn: log },
    subscriptions: { protocol, ...FAST, ...options },
  });
  running.push({ close: async () => source.close?.() });
  const subscribe = (
    query = 'subscription ($after: Int) { published(after: $after) { id title ... on Article { reads } } }',
    variables = '{"after":3}',
  ) => {
    const controller = new AbortController();
    const operation = createSubgraphOperation('subscription', query, undefined);
    const events = source.subscribe?.(
      { operation, variables, entityCount: undefined },
      {
        headers: () => ({
          authorization: `Bearer ${token}`,
          host: 'evil.test',
          'sec-websocket-protocol': 'other',
        }),
        traceHeaders: () => ({ traceparent: '00-1' }),
        signal: controller.signal,
      },
    );
    const received: SubgraphResponse[] = [];
    const ended = (async () => {
      for await (const event of events ?? []) received.push(event);
    })();
    ended.catch(() => undefined);
    return { received, ended, leave: () => controller.abort() };
  };
  return { source, subscribe, logged };
};

/** The errors with which a subscription ends. */
const getErrors = (ended: Promise<void>) =>
  ended.then(
    () => undefined,
    (error: unknown) =>
      error instanceof SubgraphSubscriptionError
        ? error.errors.map(({ message, extensions, originalError }) => [
            message,
            extensions?.['code'],
            originalError?.message,
          ])
        : error,
  );

const ARTICLE = { id: '1', title: 'Rain' };

describe.each(['graphql-ws', 'sse'] as const)('over %s', (protocol) => {
  test('events arrive in order until the subgraph completes the subscription', async () => {
    const { subscribe } = createSource(protocol);
    const { received, ended } = subscribe();
    await waitUntil(() => streams.openCount === 1);
    streams.push(ARTICLE);
    streams.push(new Error('no ink'));
    streams.end();
    await ended;
    expect(received).toMatchObject([
      { data: { published: { id: '1', title: 'Rain' } } },
      { data: { published: null }, errors: [{ message: 'no ink', path: ['published'] }] },
    ]);
    expect(streams.openedWith).toEqual([{ topic: 'all', after: 3 }]);
  });

  test('the subgraph receives the headers of the caller', async () => {
    const { subscribe } = createSource(protocol);
    subscribe();
    await waitUntil(() => streams.openCount === 1);
    const [received] = server.received;
    expect(received?.headers).toMatchObject({ authorization: 'Bearer ana', traceparent: '00-1' });
    expect(received?.headers.host).toContain('127.0.0.1');
    if (protocol === 'graphql-ws') {
      expect(received?.connectionParams).toMatchObject({ authorization: 'Bearer ana' });
    }
  });

  test('instances share the subscriptions; those of an instance that ends continue at the other one', async () => {
    const { subscribe, source } = createSource(protocol, {}, [server.url, otherServer.url]);
    const [first, second] = [subscribe(), subscribe()];
    await waitUntil(() => streams.openCount === 2);
    expect([server.received.length, otherServer.received.length]).toEqual([1, 1]);
    expect(source.instances).toMatchObject([{ subscriptions: 1 }, { subscriptions: 1 }]);
    await otherServer.stop();
    try {
      await waitUntil(() => server.received.length === 2 && streams.openCount === 2);
      expect(source.instances).toMatchObject([{ subscriptions: 2 }, { subscriptions: 0 }]);
      streams.push(ARTICLE);
      await waitUntil(() => first.received.length === 1 && second.received.length === 1);
    } finally {
      await otherServer.start();
    }
  });

  test('subscriptions leave an instance that does not answer its checks', async () => {
    const urls = [server.url, otherServer.url];
    const checks = { path: '/ready', intervalMs: 20, timeoutMs: 2_000 };
    const { subscribe, source } = createSource(protocol, {}, urls, checks);
    subscribe();
    subscribe();
    await waitUntil(() => streams.openCount === 2);
    otherServer.respond = () => undefined;
    await waitUntil(() => server.received.length === 2 && streams.openCount === 2);
    expect(source.instances).toMatchObject([
      { state: 'available', subscriptions: 2 },
      { state: 'silent', subscriptions: 0 },
    ]);
  });

  test('the subgraph is left when the subscriber leaves, and when the data source closes', async () => {
    const { source, subscribe } = createSource(protocol);
    const [first, second] = [subscribe(), subscribe()];
    await waitUntil(() => streams.openCount === 2);
    first.leave();
    await first.ended;
    await waitUntil(() => streams.openCount === 1);
    await source.close?.();
    await second.ended;
    await waitUntil(() => streams.openCount === 0);
  });

  test('a subscription survives a restart of the subgraph, which is logged once', async () => {
    const { subscribe, logged } = createSource(protocol);
    const subscriptions = [subscribe(), subscribe()];
    await waitUntil(() => streams.openCount === 2);
    await server.stop();
    await waitUntil(() => logged.length === 1);
    token = 'renewed';
    await server.start();
    await waitUntil(() => streams.openedWith.length === 4);
    streams.push(ARTICLE);
    await waitUntil(() => subscriptions.every(({ received }) => received.length > 0));
    expect(logged).toHaveLength(2);
    expect(logged[0]).toMatchObject({ service: 'news', kind: 'unreachable' });
    // A token that was renewed in the meantime is used.
    expect(server.received.at(-1)?.headers).toMatchObject({ authorization: 'Bearer renewed' });
  });

  test('a subscription ends with an error if the subgraph stays away', async () => {
    const { subscribe } = createSource(protocol, { maxInterruptionMs: 100 });
    const { ended } = subscribe();
    await waitUntil(() => streams.openCount === 1);
    await server.stop();
    expect(await getErrors(ended)).toMatchObject([
      ['The subgraph "news" cannot be reached. Retry later.', 'SUBGRAPH_UNAVAILABLE', /ECONNREFUSED/],
    ]);
    await server.start();
  });

  test('errors with which the subgraph rejects the operation end it, without another attempt', async () => {
    const { subscribe } = createSource(protocol);
    expect(await getErrors(subscribe('subscription { nothing }').ended)).toEqual([
      ['Cannot query field "nothing" on type "Subscription".', undefined, undefined],
    ]);
    expect(server.received).toHaveLength(1);
  });

  test('an event that is larger than allowed ends the subscription', async () => {
    const { subscribe } = createSource(protocol, { maxMessageBytes: 1_000 });
    const { ended } = subscribe();
    await waitUntil(() => streams.openCount === 1);
    streams.push({ ...ARTICLE, title: 'x'.repeat(2_000) });
    expect(await getErrors(ended)).toEqual([
      [
        'The subgraph "news" returned a response that is too large. Select less.',
        'SUBGRAPH_BAD_RESPONSE',
        'Its response has more than 1000 bytes.',
      ],
    ]);
  });

  test('a data source has a maximum number of subscriptions', async () => {
    const { subscribe } = createSource(protocol, { maxSubscriptions: 1 });
    const first = subscribe();
    await waitUntil(() => streams.openCount === 1);
    expect(await getErrors(subscribe().ended)).toMatchObject([
      [/Subscribe again later/, 'TOO_MANY_SUBSCRIPTIONS', /1/],
    ]);
    first.leave();
    await first.ended;
    subscribe();
    await waitUntil(() => streams.openedWith.length === 2);
  });
});

describe('a WebSocket that the subgraph closes', () => {
  test.each([
    [4401, 'UNAUTHENTICATED'],
    [4403, 'FORBIDDEN'],
    [4400, 'SUBGRAPH_BAD_RESPONSE'],
  ])('with %i at connection_init ends the subscription with the code %s', async (code, expected) => {
    server.refusal = [code, 'Who are you?'];
    const errors = await getErrors(createSource('graphql-ws').subscribe().ended);
    expect(errors).toMatchObject([
      [expect.anything(), expected, `It closed the WebSocket with the code ${code} (Who are you?).`],
    ]);
    expect(server.received).toHaveLength(1);
  });

  test.each([1000, 1001, 1012, 4408])('with %i is opened again', async (code) => {
    const { received } = createSource('graphql-ws').subscribe();
    await waitUntil(() => streams.openCount === 1);
    server.closeSockets(code);
    await waitUntil(() => streams.openedWith.length === 2 && streams.openCount === 1);
    streams.push(ARTICLE);
    await waitUntil(() => received.length === 1);
  });
});

describe('the HTTP status', () => {
  test.each([
    [401, 'UNAUTHENTICATED'],
    [403, 'FORBIDDEN'],
    [302, 'SUBGRAPH_BAD_RESPONSE'],
    [404, 'SUBGRAPH_BAD_RESPONSE'],
  ])('%i ends a subscription with the code %s', async (status, code) => {
    server.upgradeStatus = status;
    server.respond = (response) =>
      void response.writeHead(status, { location: 'http://evil.test/?token=1' }).end();
    for (const protocol of ['graphql-ws', 'sse'] as const) {
      expect(await getErrors(createSource(protocol).subscribe().ended)).toMatchObject([
        [expect.anything(), code, /./],
      ]);
    }
  });

  test('503 is tried again', async () => {
    server.upgradeStatus = 503;
    server.respond = (response) => void response.writeHead(503).end();
    const sources = [createSource('graphql-ws'), createSource('sse')];
    const received = sources.map(({ subscribe }) => subscribe().received);
    await waitUntil(() => sources.every(({ logged }) => logged.length === 1));
    server.upgradeStatus = server.respond = undefined;
    await waitUntil(() => streams.openCount === 2);
    streams.push(ARTICLE);
    await waitUntil(() => received.every(({ length }) => length === 1));
  });
});

test('integers beyond 2^53 in events stay exact', async () => {
  server.respond = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end('event: next\ndata: {"data":{"n":9007199254740993}}\n\nevent: complete\n\n');
  };
  const { received, ended } = createSource('sse').subscribe();
  await ended;
  expect(received).toEqual([{ data: { n: 9007199254740993n } }]);
});

test('a stream of server-sent events goes on after the last id that the subgraph gave', async () => {
  const requested: unknown[] = [];
  server.respond = (response) => {
    requested.push(response.req.headers['last-event-id']);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(
      requested.length === 1
        ? 'id: 41\nevent: next\ndata: {"data":{"n":1}}\n\n'
        : 'event: next\ndata: {"data":{"n":2}}\n\nevent: complete\ndata:\n\n',
    );
  };
  const { received, ended } = createSource('sse').subscribe();
  await ended;
  expect(requested).toEqual([undefined, '41']);
  expect(received).toEqual([{ data: { n: 1 } }, { data: { n: 2 } }]);
});

test('an invalid event is an error for its clients, and the subscription goes on', async () => {
  server.respond = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end('event: next\ndata: [\n\nevent: next\ndata: {"data":{"n":2}}\n\nevent: complete\ndata:\n\n');
  };
  const { received, ended } = createSource('sse').subscribe();
  await ended;
  expect(received).toMatchObject([
    { data: null, errors: [{ extensions: { code: 'SUBGRAPH_BAD_RESPONSE' } }] },
    { data: { n: 2 } },
  ]);
});

test('a slow reader slows the subgraph down, and loses nothing', async () => {
  const { source } = createSource('graphql-ws');
  const controller = new AbortController();
  const events = source.subscribe?.(
    {
      operation: createSubgraphOperation('subscription', 'subscription { latest { id title } }', undefined),
      variables: '{}',
      entityCount: undefined,
    },
    { signal: controller.signal },
  );
  const iterator = events![Symbol.asyncIterator]();
  const first = iterator.next();
  await waitUntil(() => streams.openCount === 1);
  const count = 100;
  for (let id = 0; id < count; id += 1) streams.push({ id: String(id), title: 'x'.repeat(20_000) });
  const ids: unknown[] = [];
  for (let next = first; ids.length < count; next = iterator.next()) {
    const response = (await next).value as SubgraphResponse;
    ids.push(response.data?.['latest']);
  }
  expect(ids.map((article) => (article as { id: string }).id)).toEqual(
    Array.from({ length: count }, (_, id) => String(id)),
  );
  controller.abort();
});

test('a URL of another protocol fails each subscription, and names the subgraph', async () => {
  const { subscribe } = createSource('graphql-ws', { url: 'http://news.test' });
  expect(await getErrors(subscribe().ended)).toMatchObject([
    [/^The subgraph "news" has no valid URL/, 'SUBGRAPH_UNAVAILABLE', /news.test/],
  ]);
});
