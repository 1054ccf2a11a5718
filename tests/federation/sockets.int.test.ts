import { once } from 'node:events';
import { eventually } from '@seguridad-abc/platform/testing';
import type { FormattedExecutionResult } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import WebSocket from 'ws';
import { startFederation, type Federation } from './start-federation.js';

let federation: Federation;
beforeAll(async () => {
  federation = await startFederation();
});
afterAll(() => federation.close());

const CHANGED = 'subscription { orderChanged { number } }';
const collectResults = async (query: string, variables?: Record<string, unknown>) => {
  const results: FormattedExecutionResult[] = [];
  for await (const result of federation.createClient().iterate({ query, ...(variables && { variables }) })) {
    results.push(result as FormattedExecutionResult);
  }
  return results;
};
/** Returns the extensions of the errors that reject an operation. */
const getRejection = (query: string, variables?: Record<string, unknown>) =>
  collectResults(query, variables).then(
    (results) => results,
    (errors: unknown) => (errors as { extensions: object }[]).map(({ extensions }) => extensions),
  );

describe('on one WebSocket', () => {
  test('queries and mutations have the same results as over HTTP', async () => {
    expect(
      await collectResults('query ($c: String!) { order(id: "1") { number total(currency: $c) shelves } }', {
        c: 'COP',
      }),
    ).toStrictEqual([{ data: { order: { number: 7, total: '7 COP', shelves: ['a'] } } }]);
    expect(await collectResults('mutation { place(number: 3) { number place } }')).toStrictEqual([
      { data: { place: { number: 3, place: 'in the hall' } } },
    ]);
    expect(await collectResults('{ order(id: "1") { number broken } }')).toMatchObject([
      {
        data: { order: { number: 7, broken: null } },
        errors: [{ extensions: { code: 'SCALES', serviceName: 'stock' } }],
      },
    ]);
  });

  test('a finite source completes after its events', async () => {
    expect(await collectResults('subscription ($n: Int!) { countdown(from: $n) }', { n: 2 })).toStrictEqual(
      [2, 1, 0].map((countdown) => ({ data: { countdown } })),
    );
    expect(federation.runningSources).toBe(0);
  });

  test.each([
    ['a syntax error', '{ nope', 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', '{ nope }', 'GRAPHQL_VALIDATION_FAILED'],
    [
      'a condition at the root',
      'subscription ($y: Boolean!) { orderChanged @include(if: $y) { id } }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'a second root field',
      'subscription ($y: Boolean!) { countdown(from: 1) orderChanged @skip(if: $y) { id } }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['a field without a source', 'subscription { unmapped }', 'SUBSCRIPTION_NOT_SUPPORTED'],
  ])('%s is rejected and the connection stays open', async (_, query, code) => {
    const client = federation.createClient({ lazy: false });
    const closed: unknown[] = [];
    client.on('closed', (event) => closed.push(event));
    await expect(client.iterate({ query }).next()).rejects.toMatchObject([{ extensions: { code } }]);
    expect((await client.iterate({ query: '{ __typename }' }).next()).value).toStrictEqual({
      data: { __typename: 'Query' },
    });
    expect(closed).toStrictEqual([]);
  });

  test('invalid variables are rejected', async () => {
    expect(await getRejection('subscription ($n: Int!) { countdown(from: $n) }', { n: 'x' })).toStrictEqual([
      { code: 'BAD_USER_INPUT' },
    ]);
    expect(await getRejection('query ($id: ID!) { order(id: $id) { id } }')).toStrictEqual([
      { code: 'BAD_USER_INPUT' },
    ]);
  });
});

describe('a WebSocket of a web page', () => {
  const open = async (origin: string) => {
    const socket = new WebSocket(federation.socketUrl, 'graphql-transport-ws', { origin });
    const refused = once(socket, 'unexpected-response').then(
      ([, response]) => (response as { statusCode: number }).statusCode,
    );
    const result = await Promise.race([once(socket, 'open').then(() => 'open'), refused]);
    socket.on('error', () => undefined);
    socket.terminate();
    return result;
  };

  test("is accepted from the gateway's own pages and Sandbox only", async () => {
    expect(await open(federation.origin)).toBe('open');
    expect(await open('https://studio.apollographql.com')).toBe('open');
    expect(await open('https://evil.example')).toBe(403);
  });
});

describe('a client that disconnects', () => {
  test('ends the shared Redis subscription when it is the last one', async () => {
    const streams = Array.from({ length: 20 }, () => federation.createClient().iterate({ query: CHANGED }));
    const heard = vi.fn();
    for (const stream of streams) void stream.next().then(heard);
    await eventually(async () => {
      await federation.publish({ id: '1', number: 1 });
      expect(heard).toHaveBeenCalledTimes(20);
    });
    // All subscriptions share one source.
    await federation.waitForListeners(1);
    for (const stream of streams.slice(1)) await stream.return?.();
    await federation.waitForListeners(1);
    expect(await federation.countRedisSubscribers()).toBe(1);
    await streams[0]!.return?.();
    await eventually(async () => expect(await federation.countRedisSubscribers()).toBe(0));
  });

  test('during an event ends the Redis subscription and the running fetch', async () => {
    const client = federation.createClient();
    const pending = client.iterate({ query: 'subscription { orderChanged { slow } }' }).next();
    pending.catch(() => undefined);
    await federation.waitForListeners(1);
    const { abandonedRequests } = federation.shop;
    federation.shop.requests.length = 0;
    await federation.publish({ id: '1', number: 1 });
    await eventually(() => expect(federation.shop.requests).toHaveLength(1));
    client.terminate();
    await eventually(() => expect(federation.shop.abandonedRequests).toBe(abandonedRequests + 1));
    await eventually(async () => expect(await federation.countRedisSubscribers()).toBe(0));
  });

  test('ends its sources', async () => {
    const client = federation.createClient();
    await client.iterate({ query: 'subscription { ticked }' }).next();
    expect(federation.runningSources).toBe(1);
    client.terminate();
    await eventually(() => expect(federation.runningSources).toBe(0));
  });
});

test('clients stay connected and receive events again after Redis restarts', async () => {
  const answers = federation.createClient().iterate({ query: CHANGED });
  const first = answers.next();
  await federation.waitForListeners(1);
  await federation.redis.kill();
  await federation.redis.start();
  await eventually(async () => expect(await federation.countRedisSubscribers()).toBe(1));
  await federation.publish({ id: '1', number: 8 });
  expect((await first).value).toStrictEqual({ data: { orderChanged: { number: 8 } } });
  await answers.return?.();
});

test('a gateway that stops closes every WebSocket with 1001 and leaves no source open', async () => {
  const own = await startFederation();
  try {
    const client = own.createClient();
    const heard = [CHANGED, 'subscription { ticked }', 'subscription { orderChanged { slow } }'].map(
      async (query) => {
        for await (const result of client.iterate({ query })) expect(result).toBeDefined();
      },
    );
    const ends = Promise.allSettled(heard);
    await own.waitForListeners(2);
    await eventually(() => expect(own.runningSources).toBe(1));
    own.shop.requests.length = 0;
    await own.publish({ id: '1', number: 1 });
    await eventually(() => expect(own.shop.requests).toHaveLength(1));
    await own.stopGateway();
    // Operations end without `error` or `complete`, so graphql-ws restarts them on its next connection.
    expect(await ends).toMatchObject(heard.map(() => ({ status: 'rejected', reason: { code: 1001 } })));
    await eventually(async () =>
      expect([await own.countRedisSubscribers(), own.runningSources]).toStrictEqual([0, 0]),
    );
    await expect(fetch(own.url)).rejects.toThrow();
  } finally {
    await own.close();
  }
});
