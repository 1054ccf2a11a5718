import { once } from 'node:events';
import { eventually } from '@seguridad-abc/platform/testing';
import type { FormattedExecutionResult } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import WebSocket from 'ws';
import { startFederation, type Federation } from './harness.js';

let federation: Federation;
beforeAll(async () => {
  federation = await startFederation();
});
afterAll(() => federation.close());

const CHANGED = 'subscription { orderChanged { number } }';
const all = async (query: string, variables?: Record<string, unknown>) => {
  const results: FormattedExecutionResult[] = [];
  for await (const result of federation.client().iterate({ query, ...(variables && { variables }) })) {
    results.push(result as FormattedExecutionResult);
  }
  return results;
};
/** What an operation is refused with. */
const refusal = (query: string, variables?: Record<string, unknown>) =>
  all(query, variables).then(
    (results) => results,
    (errors: unknown) => (errors as { extensions: object }[]).map(({ extensions }) => extensions),
  );

describe('on one socket', () => {
  test('queries and mutations are answered as over HTTP', async () => {
    expect(
      await all('query ($c: String!) { order(id: "1") { number total(currency: $c) shelves } }', {
        c: 'COP',
      }),
    ).toStrictEqual([{ data: { order: { number: 7, total: '7 COP', shelves: ['a'] } } }]);
    expect(await all('mutation { place(number: 3) { number place } }')).toStrictEqual([
      { data: { place: { number: 3, place: 'in the hall' } } },
    ]);
    expect(await all('{ order(id: "1") { number broken } }')).toMatchObject([
      {
        data: { order: { number: 7, broken: null } },
        errors: [{ extensions: { code: 'SCALES', serviceName: 'stock' } }],
      },
    ]);
  });

  test('a finite source ends with what it had to tell', async () => {
    expect(await all('subscription ($n: Int!) { countdown(from: $n) }', { n: 2 })).toStrictEqual(
      [2, 1, 0].map((countdown) => ({ data: { countdown } })),
    );
    expect(federation.running).toBe(0);
  });

  test.each([
    ['a fault of syntax', '{ nope', 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', '{ nope }', 'GRAPHQL_VALIDATION_FAILED'],
    [
      'a condition at the root',
      'subscription ($y: Boolean!) { orderChanged @include(if: $y) { id } }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'a bad variable',
      'subscription ($y: Boolean!) { countdown(from: 1) orderChanged @skip(if: $y) { id } }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['a field without events', 'subscription { unmapped }', 'SUBSCRIPTION_NOT_SUPPORTED'],
  ])('%s is refused, and the socket stays', async (_, query, code) => {
    const client = federation.client({ lazy: false });
    const closed: unknown[] = [];
    client.on('closed', (event) => closed.push(event));
    await expect(client.iterate({ query }).next()).rejects.toMatchObject([{ extensions: { code } }]);
    expect((await client.iterate({ query: '{ __typename }' }).next()).value).toStrictEqual({
      data: { __typename: 'Query' },
    });
    expect(closed).toStrictEqual([]);
  });

  test('variables that do not fit are refused', async () => {
    expect(await refusal('subscription ($n: Int!) { countdown(from: $n) }', { n: 'x' })).toStrictEqual([
      { code: 'BAD_USER_INPUT' },
    ]);
    expect(await refusal('query ($id: ID!) { order(id: $id) { id } }')).toStrictEqual([
      { code: 'BAD_USER_INPUT' },
    ]);
  });
});

describe('a socket of a web page', () => {
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

  test("is taken from this server's own pages and Sandbox, and from no other", async () => {
    expect(await open(federation.origin)).toBe('open');
    expect(await open('https://studio.apollographql.com')).toBe('open');
    expect(await open('https://evil.example')).toBe(403);
  });
});

describe('a client that goes', () => {
  test('frees the one Redis subscription with the last, however many there were', async () => {
    const streams = Array.from({ length: 20 }, () => federation.client().iterate({ query: CHANGED }));
    const heard = vi.fn();
    for (const stream of streams) void stream.next().then(heard);
    await eventually(async () => {
      await federation.publish({ id: '1', number: 1 });
      expect(heard).toHaveBeenCalledTimes(20);
    });
    // They share one source.
    await federation.listeners(1);
    for (const stream of streams.slice(1)) await stream.return?.();
    await federation.listeners(1);
    expect(await federation.connections()).toBe(1);
    await streams[0]!.return?.();
    await eventually(async () => expect(await federation.connections()).toBe(0));
  });

  test('in the middle of an event frees the channel and ends what is being fetched', async () => {
    const client = federation.client();
    const pending = client.iterate({ query: 'subscription { orderChanged { slow } }' }).next();
    pending.catch(() => undefined);
    await federation.listeners(1);
    const { abandoned } = federation.shop;
    federation.shop.asked.length = 0;
    await federation.publish({ id: '1', number: 1 });
    await eventually(() => expect(federation.shop.asked).toHaveLength(1));
    client.terminate();
    await eventually(() => expect(federation.shop.abandoned).toBe(abandoned + 1));
    await eventually(async () => expect(await federation.connections()).toBe(0));
  });

  test('ends its sources', async () => {
    const client = federation.client();
    await client.iterate({ query: 'subscription { ticked }' }).next();
    expect(federation.running).toBe(1);
    client.terminate();
    await eventually(() => expect(federation.running).toBe(0));
  });
});

test('Redis that goes and comes back: clients stay, and hear again', async () => {
  const answers = federation.client().iterate({ query: CHANGED });
  const first = answers.next();
  await federation.listeners(1);
  await federation.redis.kill();
  await federation.redis.start();
  await eventually(async () => expect(await federation.connections()).toBe(1));
  await federation.publish({ id: '1', number: 8 });
  expect((await first).value).toStrictEqual({ data: { orderChanged: { number: 8 } } });
  await answers.return?.();
});

test('a gateway that stops closes every socket so that its client comes back, and leaves nothing', async () => {
  const own = await startFederation();
  try {
    const client = own.client();
    const heard = [CHANGED, 'subscription { ticked }', 'subscription { orderChanged { slow } }'].map(
      async (query) => {
        for await (const result of client.iterate({ query })) expect(result).toBeDefined();
      },
    );
    const ends = Promise.allSettled(heard);
    await own.listeners(2);
    await eventually(() => expect(own.running).toBe(1));
    own.shop.asked.length = 0;
    await own.publish({ id: '1', number: 1 });
    await eventually(() => expect(own.shop.asked).toHaveLength(1));
    await own.stopGateway();
    // Neither an error nor the completion of an operation: graphql-ws begins them again on its next socket.
    expect(await ends).toMatchObject(heard.map(() => ({ status: 'rejected', reason: { code: 1001 } })));
    await eventually(async () => expect([await own.connections(), own.running]).toStrictEqual([0, 0]));
    await expect(fetch(own.url)).rejects.toThrow();
  } finally {
    await own.close();
  }
});
